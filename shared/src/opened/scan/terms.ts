/**
 * Watch terms as byte strings, and the rules of every scanner: what a line must hold to be worth parsing. Bytes are compared without
 * regard to ASCII case.
 *
 * - A name hits a run of letters, digits, `.`, `-` and `_` if the run's longest listed suffix, dots at its end apart, is a hit. A
 *   suffix begins with the run or after a dot; only the last 253 bytes of a run count.
 * - Right after an escape (`%40moe.example`, `\nmoe.example`, `\u0040moe.example`) the run counts with and without its first bytes,
 *   and any listed suffix that is a hit does.
 * - A keyword or a string hits anywhere in a line, a word only as a whole run of letters and digits.
 *
 * Wider than the exact match, but for spellings that no leak uses: full-width letters and escapes in a host or keyword, capitals
 * outside ASCII. Bytes from 0x80 are borders, so that no quotation mark or Thai word hides a name.
 */
import { utf8 } from '../../base/bytes.ts';
import type { DomainName } from '../../base/domain-name.ts';
import { domainToUnicode } from '../../base/domain-name.ts';
import { isFoundInside } from '../match/keywords.ts';
import type { WatchList } from '../match/watch.ts';
import type { WatchedNames } from '../match/watched-names.ts';
import { concernsAnybody, watchedNames } from '../match/watched-names.ts';
import { legacyForms } from './legacy-forms.ts';

export interface ScanName {
  /** ASCII, lower case, 1 to 253 bytes, at least one dot. */
  readonly bytes: Uint8Array;
  /** False: hosts under it are taken out again. */
  readonly isHit: boolean;
}

/** All lower case, each once, none with a newline. */
export interface ScanTerms {
  readonly names: readonly ScanName[];
  /** ASCII, 5 bytes or more. */
  readonly keywords: readonly Uint8Array[];
  /** 1 to 4 letters and digits. */
  readonly words: readonly Uint8Array[];
  /** With a byte from 0x80 or with `--`: names and keywords in Thai and other scripts, `xn--`. */
  readonly strings: readonly Uint8Array[];
}

const WORD = /[a-z0-9]{1,4}/g;
const ASCII = /^[\u0000-\u007f]*$/;

/** All terms of all organisations; scopes are left to the exact match. Cost: about 3 µs a term. */
export function scanTerms(watch: WatchList): ScanTerms {
  const strings = new Map<string, Uint8Array>();
  const names = scanNames(watchedNames(watch).byName, strings);
  const keywords = new Map<string, Uint8Array>();
  const words = new Map<string, Uint8Array>();
  for (const { term, scope } of watch.organisations.flatMap((org) => org.keywords)) {
    const text = term.trim().toLowerCase();
    if (/[\r\n]/.test(text)) continue;
    for (const form of new Set([text, text.normalize('NFC'), text.normalize('NFD')])) {
      if (!ASCII.test(form)) addStrings(strings, form);
      else if (isFoundInside(form)) keywords.set(form, utf8(form));
      else addWord(words, form);
    }
    // The exact match looks for such a keyword in the decoded form of a host, too.
    if (!ASCII.test(text) && scope !== 'login') strings.set('xn--', utf8('xn--'));
  }
  return { names, keywords: [...keywords.values()], words: [...words.values()], strings: [...strings.values()] };
}

/** Place of the byte by which a string is found: its first from 0x80, or else its `--`. */
export function stringAnchor(text: Uint8Array): number {
  const high = text.findIndex((byte) => byte >= 0x80);
  return high >= 0 ? high : text.findIndex((byte, at) => byte === 0x2d && text[at + 1] === 0x2d);
}

function scanNames(byName: WatchedNames['byName'], strings: Map<string, Uint8Array>): readonly ScanName[] {
  const names: ScanName[] = [];
  const hasExclusions = [...byName.values()].some((rules) => rules.some(({ excluded }) => excluded));
  const verdicts = new Map<DomainName, boolean>();
  const verdictOf = (name: DomainName): boolean => {
    if (!hasExclusions) return true;
    const verdict = verdicts.get(name) ?? concernsAnybody(byName, name);
    verdicts.set(name, verdict);
    return verdict;
  };
  for (const name of byName.keys()) {
    const isHit = verdictOf(name);
    const parent = listedParent(byName, name);
    // Says nothing that the next shorter suffix does not.
    if (isHit === (parent !== null && verdictOf(parent))) continue;
    names.push({ bytes: utf8(name), isHit });
    if (isHit && name.includes('xn--')) addStrings(strings, domainToUnicode(name));
  }
  return names;
}

/** The longest listed suffix of `name`, itself apart. */
function listedParent(byName: WatchedNames['byName'], name: DomainName): DomainName | null {
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const suffix = name.slice(dot + 1) as DomainName;
    if (byName.has(suffix)) return suffix;
  }
  return null;
}

function addStrings(strings: Map<string, Uint8Array>, text: string): void {
  strings.set(text, utf8(text));
  for (const [encoding, bytes] of legacyForms(text)) strings.set(`${encoding} ${text}`, bytes);
}

/** A short keyword is found by its longest run of letters and digits: what is a whole label holds that as a whole run. */
function addWord(words: Map<string, Uint8Array>, text: string): void {
  const runs = text.match(WORD) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest !== '') words.set(longest, utf8(longest));
}
