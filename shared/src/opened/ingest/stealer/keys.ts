/** The union of block keys over all stealer families (INGEST, Stealer logs): one grammar, whatever the family. */

export type BlockRole = 'software' | 'profile' | 'url' | 'login' | 'secret' | 'seller';

const ROLE_BY_KEY: ReadonlyMap<string, BlockRole> = new Map<string, BlockRole>([
  ['soft', 'software'],
  ['software', 'software'],
  ['browser', 'software'],
  ['application', 'software'],
  ['app', 'software'],
  ['storage', 'software'],
  ['profile', 'profile'],
  ['url', 'url'],
  ['host', 'url'],
  ['hostname', 'url'],
  ['username', 'login'],
  ['user name', 'login'],
  ['user', 'login'],
  ['login', 'login'],
  ['user login', 'login'],
  ['password', 'secret'],
  ['pass', 'secret'],
  ['user password', 'secret'],
  ['seller', 'seller'],
  ['log tools', 'seller'],
  ['free logs', 'seller'],
]);
const LONGEST_KEY = 16;
/** `1` stands for `l` in `ur1` and for `i` in `l0g1n`: both are tried. */
const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
};
const LEET_MARKS = /[0134578@$!]/;

export interface KeyLine {
  readonly role: BlockRole;
  /** Without the one space after the colon; inner colons and end spaces kept. */
  readonly value: string;
}

/** Reads `Key: value`; `null` if the text before the first colon is no key of the grammar. */
export function parseKeyLine(line: string): KeyLine | null {
  const colon = line.indexOf(':');
  if (colon < 1 || colon > LONGEST_KEY + 8) return null;
  const role = roleOfKey(line.slice(0, colon).trim().toLowerCase());
  if (role === undefined) return null;
  const value = line[colon + 1] === ' ' ? line.slice(colon + 2) : line.slice(colon + 1);
  return { role, value };
}

/** Sellers write keys in leetspeak (`UR1`, `U53RN4M3`, `P455W0RD`). */
function roleOfKey(key: string): BlockRole | undefined {
  const role = ROLE_BY_KEY.get(key);
  if (role !== undefined || !LEET_MARKS.test(key)) return role;
  const plain = key.replace(/[034578@$!]/g, (mark) => LEET[mark] ?? mark);
  return ROLE_BY_KEY.get(plain.replaceAll('1', 'l')) ?? ROLE_BY_KEY.get(plain.replaceAll('1', 'i'));
}

/**
 * True if `lines` hold credential blocks: secrets beside URLs or logins, in most lines unless the name promises them, where no more
 * are read than it takes.
 */
export function looksLikeBlocks(lines: Iterable<string>, isNamedForPasswords: boolean): boolean {
  let secrets = 0;
  let others = 0;
  let filled = 0;
  for (const line of lines) {
    if (line.trim() === '') continue;
    filled++;
    const role = parseKeyLine(line)?.role;
    if (role === 'secret') secrets++;
    else if (role === 'url' || role === 'login') others++;
    if (isNamedForPasswords && secrets > 0 && others > 0) return true;
  }
  return secrets > 0 && others > 0 && secrets + others >= filled * 0.4;
}
