/** Which stealer wrote a log: weighed evidence, an annotation with confidence. Never decides whether a block parses. */

interface Family {
  readonly name: string;
  /** Texts in the system file, with their weight. */
  readonly anchors: readonly (readonly [text: string, weight: number])[];
  /** Base names beside it, the most telling first. */
  readonly files?: readonly string[];
  /** Names of folders below the machine's. */
  readonly folders?: readonly string[];
  /** Without one of these texts it is another family. */
  readonly needs?: readonly string[];
}

/** Base names of a machine's files and names of its folders, any case. */
export interface FileNames {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

const REDLINE_ANCHORS = ['operation system:', 'filelocation:', 'build id:', 'hardwares:', 'anti-viruses:'] as const;
const REDLINE_FILES = ['userinformation.txt', 'domaindetects.txt', 'importantautofills.txt'] as const;

const each = (weight: number, ...texts: readonly string[]): readonly (readonly [string, number])[] =>
  texts.map((text) => [text, weight] as const);

/** Weights (INGEST): says its own name 10, banner 6, system file name 5, anchor 4, folder 3, other file 2. */
const FAMILIES: readonly Family[] = [
  {
    name: 'RedLine',
    anchors: [['redline', 10], ...each(4, ...REDLINE_ANCHORS)],
    files: [...REDLINE_FILES, 'installedbrowsers.txt', 'processlist.txt'],
    folders: ['filegrabber', 'useragents', 'restore'],
  },
  {
    // A fork of RedLine: only its banner tells.
    name: 'META',
    needs: ['( m | e | t | a )', 'meta stealer'],
    anchors: [...each(10, '( m | e | t | a )', 'meta stealer'), ...each(4, ...REDLINE_ANCHORS)],
    files: [...REDLINE_FILES, 'installedbrowsers.txt', 'processlist.txt'],
    folders: ['filegrabber', 'useragents', 'restore'],
  },
  {
    name: 'Lumma',
    anchors: [['lummac2', 10], ...each(4, '- lid:', '- configuration:', '(sig:', '- local date:')],
    files: ['system.txt', 'all passwords.txt', 'brute.txt', 'software.txt', 'processes.txt'],
  },
  {
    name: 'Atomic',
    anchors: [['atomic mac stealer', 10], ...each(4, 'metamask info:', 'productname:', 'hardware overview:')],
    files: ['userinformation.txt', 'keychain.txt', 'googletokens.txt', 'brute.txt'],
  },
  {
    name: 'Vidar',
    anchors: [['vidar', 10], ['guid:', 2], ...each(4, 'work dir:', 'machineid:', '[hardware]', '[processes]')],
    files: ['information.txt', 'cookie_list.txt'],
    folders: ['downloads', 'autofill'],
  },
  {
    name: 'StealC',
    anchors: [['stealc', 10], ...each(4, 'network info:', 'system summary:', '- utc:')],
    files: ['system_info.txt', 'cookie_list.txt', 'domain_detect.txt', 'steam_tokens.txt'],
    folders: ['plugins', 'soft'],
  },
  {
    name: 'Raccoon',
    anchors: [['raccoon', 10], ...each(4, 'user id:', 'last seen:', 'ip info:', 'system information:')],
    files: ['system info.txt'],
  },
  {
    name: 'RisePro',
    anchors: [['risepro', 10], ...each(4, 'build:', 'machineid:', '[hardware]'), ['location:', 2]],
    files: ['information.txt'],
    folders: ['wallets', 'extensions'],
  },
  {
    name: 'Rhadamanthys',
    anchors: [['rhadamanthys', 10], ...each(4, 'traffic name:', 'wallpaper hash', 'install date:')],
    files: ['userinformation.txt'],
    folders: ['masterkeys', 'fingerprint', 'logins', 'credits'],
  },
  {
    name: 'CryptBot',
    anchors: [['cryptbot', 10], ...each(4, 'username (computername):', 'local date and time:')],
    files: ['_information.txt'],
  },
  { name: 'Meduza', anchors: [['meduza', 10]], files: ['userinfo.txt'] },
  { name: 'Banshee', anchors: [['banshee', 10]], files: ['system_information.txt'] },
  { name: 'Phemedrone', anchors: [['phemedrone', 10], ...each(4, 'geolocation data', 'report information')] },
  {
    name: 'XFiles',
    anchors: [
      ['xfiles', 10],
      ['operation id:', 4],
    ],
  },
  {
    name: 'BlankGrabber',
    anchors: [
      ['blank grabber', 10],
      ['blank-grabber', 10],
    ],
  },
  { name: 'WhiteSnake', anchors: [['whitesnake', 10]] },
  { name: 'Acreed', anchors: [['acreed', 10]] },
  { name: 'PXA', anchors: [['pxa stealer', 10]] },
  { name: 'DCRat', anchors: [['dcrat', 10]] },
];

export interface FamilyGuess {
  readonly family: string | null;
  /** 0 to 1. */
  readonly confidence: number;
}

const ENOUGH = 16;
const LEAST = 6;

/** Weighs the machine's folder name, the system file's text and the names of the files and folders beside it. */
export function guessFamily(folder: string, systemText: string, names: FileNames): FamilyGuess {
  const text = systemText.toLowerCase();
  const files = new Set(names.files.map((name) => name.toLowerCase()));
  const folders = new Set(names.folders.map((name) => name.toLowerCase()));
  const label = folder.toLowerCase();
  const scores = FAMILIES.map((family) => {
    if (family.needs?.every((needed) => !text.includes(needed)) === true) return { name: family.name, score: 0 };
    let score = label.startsWith(family.name.toLowerCase()) ? 10 : 0;
    for (const [anchor, weight] of family.anchors) if (text.includes(anchor)) score += weight;
    family.files?.forEach((name, i) => {
      if (files.has(name)) score += i === 0 ? 5 : 2;
    });
    for (const name of family.folders ?? []) if (folders.has(name)) score += 3;
    return { name: family.name, score };
  }).sort((a, b) => b.score - a.score);
  const [first, second] = scores;
  if (first === undefined || first.score < LEAST) return { family: null, confidence: 0 };
  const lead = first.score / (first.score + (second?.score ?? 0) / 2);
  return { family: first.name, confidence: Math.round(Math.min(1, first.score / ENOUGH) * lead * 100) / 100 };
}
