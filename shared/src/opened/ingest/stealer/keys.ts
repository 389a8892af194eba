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
  ['ur1', 'url'],
  ['host', 'url'],
  ['hostname', 'url'],
  ['username', 'login'],
  ['user name', 'login'],
  ['user', 'login'],
  ['login', 'login'],
  ['user login', 'login'],
  ['u53rn4m3', 'login'],
  ['password', 'secret'],
  ['pass', 'secret'],
  ['user password', 'secret'],
  ['p455w0rd', 'secret'],
  ['seller', 'seller'],
  ['log tools', 'seller'],
  ['free logs', 'seller'],
]);
const LONGEST_KEY = 16;

export interface KeyLine {
  readonly role: BlockRole;
  /** Without the one space after the colon; inner colons and end spaces kept. */
  readonly value: string;
}

/** Reads `Key: value`; `null` if the text before the first colon is no key of the grammar. */
export function parseKeyLine(line: string): KeyLine | null {
  const colon = line.indexOf(':');
  if (colon < 1 || colon > LONGEST_KEY + 8) return null;
  const role = ROLE_BY_KEY.get(line.slice(0, colon).trim().toLowerCase());
  if (role === undefined) return null;
  const value = line[colon + 1] === ' ' ? line.slice(colon + 2) : line.slice(colon + 1);
  return { role, value };
}

/** True if `lines` hold credential blocks: secrets beside URLs or logins, in most lines unless the name promises them. */
export function looksLikeBlocks(lines: readonly string[], isNamedForPasswords: boolean): boolean {
  let secrets = 0;
  let others = 0;
  let filled = 0;
  for (const line of lines) {
    if (line.trim() === '') continue;
    filled++;
    const role = parseKeyLine(line)?.role;
    if (role === 'secret') secrets++;
    else if (role === 'url' || role === 'login') others++;
  }
  return secrets > 0 && others > 0 && (isNamedForPasswords || secrets + others >= filled * 0.4);
}
