/** Which stealer wrote a log: weighed evidence, an annotation with confidence. Never decides whether a block parses. */

interface Family {
  readonly name: string;
  /** Texts in the system file, with their weight. */
  readonly anchors: readonly (readonly [text: string, weight: number])[];
  /** Base names beside it. */
  readonly files: readonly string[];
}

/** Weights (INGEST): says its own name 10, banner 6, system file name 5, anchor 4, other file 2. */
const FAMILIES: readonly Family[] = [
  {
    name: 'RedLine',
    anchors: [
      ['redline', 10],
      ['operation system:', 4],
      ['filelocation:', 4],
      ['build id:', 4],
      ['hardwares:', 4],
      ['anti-viruses:', 4],
    ],
    files: [
      'userinformation.txt',
      'domaindetects.txt',
      'importantautofills.txt',
      'installedbrowsers.txt',
      'processlist.txt',
    ],
  },
  {
    name: 'META',
    anchors: [
      ['( m | e | t | a )', 10],
      ['operation system:', 4],
      ['filelocation:', 4],
      ['build id:', 4],
      ['hardwares:', 4],
    ],
    files: ['userinformation.txt', 'domaindetects.txt', 'importantautofills.txt'],
  },
  {
    name: 'Lumma',
    anchors: [
      ['lummac2', 10],
      ['- lid:', 4],
      ['- configuration:', 4],
      ['(sig:', 4],
      ['- local date:', 4],
    ],
    files: ['system.txt', 'all passwords.txt', 'brute.txt', 'software.txt', 'processes.txt'],
  },
  {
    name: 'Atomic',
    anchors: [
      ['atomic mac stealer', 10],
      ['metamask info:', 4],
      ['productname:', 4],
      ['hardware overview:', 4],
    ],
    files: ['userinformation.txt', 'keychain.txt', 'googletokens.txt', 'brute.txt'],
  },
  {
    name: 'Vidar',
    anchors: [
      ['vidar', 10],
      ['work dir:', 4],
      ['machineid:', 4],
      ['guid:', 2],
      ['[hardware]', 4],
      ['[processes]', 4],
    ],
    files: ['information.txt', 'cookie_list.txt'],
  },
  {
    name: 'StealC',
    anchors: [
      ['stealc', 10],
      ['network info:', 4],
      ['system summary:', 4],
      ['- utc:', 4],
    ],
    files: ['system_info.txt', 'cookie_list.txt', 'domain_detect.txt', 'steam_tokens.txt'],
  },
  {
    name: 'Raccoon',
    anchors: [
      ['raccoon', 10],
      ['user id:', 4],
      ['last seen:', 4],
      ['ip info:', 4],
    ],
    files: ['system info.txt'],
  },
  {
    name: 'RisePro',
    anchors: [
      ['risepro', 10],
      ['build:', 2],
      ['machineid:', 4],
      ['location:', 2],
      ['[hardware]', 4],
    ],
    files: ['information.txt'],
  },
  {
    name: 'Rhadamanthys',
    anchors: [
      ['rhadamanthys', 10],
      ['traffic name:', 4],
      ['wallpaper hash', 4],
    ],
    files: ['userinformation.txt'],
  },
  {
    name: 'CryptBot',
    anchors: [
      ['cryptbot', 10],
      ['username (computername):', 4],
      ['local date and time:', 4],
    ],
    files: ['_information.txt'],
  },
];

export interface FamilyGuess {
  readonly family: string | null;
  /** 0 to 1. */
  readonly confidence: number;
}

const ENOUGH = 16;
const LEAST = 6;

/** Weighs the machine's folder name, the system file's text and the names of the files beside it. */
export function guessFamily(folder: string, systemText: string, fileNames: readonly string[]): FamilyGuess {
  const text = systemText.toLowerCase();
  const names = new Set(fileNames.map((name) => name.toLowerCase()));
  const label = folder.toLowerCase();
  const scores = FAMILIES.map((family) => {
    let score = label.startsWith(family.name.toLowerCase()) ? 10 : 0;
    for (const [anchor, weight] of family.anchors) if (text.includes(anchor)) score += weight;
    family.files.forEach((name, i) => {
      if (names.has(name)) score += i === 0 ? 5 : 2;
    });
    return { name: family.name, score };
  }).sort((a, b) => b.score - a.score);
  const [first, second] = scores;
  if (first === undefined || first.score < LEAST) return { family: null, confidence: 0 };
  const lead = first.score / (first.score + (second?.score ?? 0) / 2);
  return { family: first.name, confidence: Math.round(Math.min(1, first.score / ENOUGH) * lead * 100) / 100 };
}
