/**
 * Which hash a leaked text may be (INGEST 4): hashes of one length look alike, so the answer is a set, likeliest first, with
 * priors, and the file's context moves them. Names are ours; `hashcat` is the mode a person would look up.
 */

export interface HashCandidate {
  readonly name: string;
  readonly hashcat: number | null;
  /** Share of the belief, the set sums to 1. */
  readonly prior: number;
}

/** How fast guesses can be tried, worst first (INGEST 4, Classes for risk). */
export type HashSpeed = 'reversible' | 'fast' | 'fast_salted' | 'slow';

/** What the file says beside the text itself. */
export interface HashContext {
  readonly salted?: boolean;
  /** `user:rid:lm:nt:::` lines. */
  readonly pwdump?: boolean;
  /** Name of the column, as found. */
  readonly column?: string;
}

type Weighted = readonly (readonly [name: string, hashcat: number | null, weight: number])[];

/** Formats that name themselves, with what else hashcat tries on the same text. */
const MARKED: readonly (readonly [RegExp, Weighted])[] = [
  [
    /^\$2[abxy]?\$[0-9]{2}\$[./A-Za-z0-9]{53}$/,
    [
      ['bcrypt', 3200, 96],
      ['bcrypt_md5', 25600, 1],
      ['bcrypt_sha1', 25800, 1],
      ['bcrypt_sha512', 28400, 1],
      ['bcrypt_sha256', 30600, 1],
    ],
  ],
  [/^\$argon2(?:id|i|d)\$/, [['argon2', 34000, 1]]],
  [/^\$6\$[^:\s]{20,}$/, [['sha512crypt', 1800, 1]]],
  [/^\$5\$[^:\s]{20,}$/, [['sha256crypt', 7400, 1]]],
  [/^\$apr1\$[^:\s]{8,}$/, [['apr1', 1600, 1]]],
  [/^\$1\$[^:\s]{8,}$/, [['md5crypt', 500, 1]]],
  [/^\$g?y\$[^:\s]{20,}$/, [['yescrypt', null, 1]]],
  [/^\$7\$[^:\s]{20,}$/, [['scrypt', null, 1]]],
  [/^\$[PH]\$[./A-Za-z0-9]{31}$/, [['phpass', 400, 1]]],
  [/^\$S\$[./A-Za-z0-9]{52}$/, [['drupal7', 7900, 1]]],
  [/^pbkdf2_sha256\$[0-9]+\$/, [['django_pbkdf2', 10000, 1]]],
  [/^sha1\$[^$]*\$[0-9a-f]{40}$/i, [['django_sha1', 124, 1]]],
  [/^sha256:[0-9]+:[^:]+:[^:]+$/, [['pbkdf2_sha256', 10900, 1]]],
  [/^(?:sha1|sha512|md5):[0-9]+:[^:]+:[^:]+$/, [['pbkdf2', 12000, 1]]],
  [/^\{SSHA512\}[A-Za-z0-9+/]{90,}={0,2}$/, [['ssha512', 1711, 1]]],
  [/^\{SSHA256\}[A-Za-z0-9+/]{46,}={0,2}$/, [['ssha256', 1411, 1]]],
  [/^\{SSHA\}[A-Za-z0-9+/]{30,}={0,2}$/, [['ssha', 111, 1]]],
  [/^\{SHA\}[A-Za-z0-9+/]{27}=$/, [['sha_base64', 101, 1]]],
  [/^\*[0-9A-F]{40}$/i, [['mysql5', 300, 1]]],
  [/^0x0200[0-9a-f]{136}$/i, [['mssql2012', 1731, 1]]],
  [/^0x0100[0-9a-f]{88}$/i, [['mssql2000', 131, 1]]],
  [/^0x0100[0-9a-f]{48}$/i, [['mssql2005', 132, 1]]],
  [/^SCRYPT:[0-9]+:/i, [['scrypt', 8900, 1]]],
];
/** `$name$…` of a scheme that is not in the list: in a list of hashes it is one. 20 characters behind it: no short password. */
const MODULAR = /^\$[a-z0-9][a-z0-9_-]{0,31}\$[^:\s]{20,}$/i;

/**
 * Bare hexadecimal, by length, as hashcat's list of modes has it; with a salt beside it. Weights are judgement: what leaks have
 * held.
 */
const BARE: Readonly<Record<number, Weighted>> = {
  16: [
    ['mysql323', 200, 5],
    ['lm', 3000, 2],
    ['half_md5', 5100, 3],
  ],
  32: [
    ['md5', 0, 800],
    ['ntlm', 1000, 100],
    ['md5_md5', 2600, 50],
    ['md4', 900, 20],
    ['md5_md5_md5', 3500, 20],
    ['lm', 3000, 10],
    ['md5_upper_md5', 4300, 3],
    ['md5_sha1', 4400, 3],
    ['md5_utf16', 70, 2],
    ['lotus5', 8600, 2],
    ['radmin2', 9900, 2],
    ['md5_sha1_md5', 20900, 2],
  ],
  40: [
    ['sha1', 100, 850],
    ['mysql5', 300, 80],
    ['sha1_sha1', 4500, 40],
    ['ripemd160', 6000, 30],
    ['sha1_md5', 4700, 5],
    ['sha1_utf16', 170, 3],
    ['sha1_md5_md5', 18500, 2],
  ],
  56: [
    ['sha224', 1300, 90],
    ['sha3_224', 17300, 6],
    ['keccak_224', 17700, 4],
  ],
  64: [
    ['sha256', 1400, 880],
    ['sha3_256', 17400, 50],
    ['gost', 6900, 20],
    ['sha256_md5', 20800, 20],
    ['keccak_256', 17800, 10],
    ['streebog_256', 11700, 5],
    ['sha256_utf16', 1470, 5],
    ['sha256_sha256', 21400, 5],
    ['cisco_ise', 5720, 5],
  ],
  96: [
    ['sha384', 10800, 90],
    ['sha3_384', 17500, 6],
    ['keccak_384', 17900, 2],
    ['sha384_utf16', 10870, 2],
  ],
  128: [
    ['sha512', 1700, 880],
    ['whirlpool', 6100, 60],
    ['sha3_512', 17600, 40],
    ['keccak_512', 18000, 10],
    ['streebog_512', 11800, 4],
    ['sha512_utf16', 1770, 3],
    ['sha512_sha512', 21000, 3],
  ],
};
const SALTED: Readonly<Record<number, Weighted>> = {
  32: [
    ['md5_salted', 10, 55],
    ['md5_salt_first', 20, 30],
    ['vbulletin', 2611, 15],
  ],
  40: [
    ['sha1_salted', 110, 60],
    ['sha1_salt_first', 120, 40],
  ],
  64: [
    ['sha256_salted', 1410, 60],
    ['sha256_salt_first', 1420, 40],
  ],
  96: [
    ['sha384_salted', 10810, 60],
    ['sha384_salt_first', 10820, 40],
  ],
  128: [
    ['sha512_salted', 1710, 60],
    ['sha512_salt_first', 1720, 40],
  ],
};

const SLOW = new Set(
  'bcrypt bcrypt_md5 bcrypt_sha1 bcrypt_sha256 bcrypt_sha512 argon2 sha512crypt sha256crypt apr1 md5crypt yescrypt scrypt phpass drupal7 django_pbkdf2 pbkdf2_sha256 pbkdf2'.split(
    ' ',
  ),
);
const FAST_SALTED = /_salted$|_salt_first$|^ssha|^vbulletin$|^mssql|^django_sha1$/;
const REVERSIBLE = /^(?:base64|rot13|hex|lm|mysql323|cisco7|aes|des|xor|encrypted|reversible)$/;

/** True for a text that tells its own format: a hash in whichever file it stands. */
export function namesItsHash(text: string): boolean {
  return isOfHashLength(text) && MARKED.some(([form]) => form.test(text));
}

/**
 * The hash types that `text` may be, likeliest first; empty if it looks like none. A text may carry its salt behind `:`.
 */
export function identifyHash(text: string, context: HashContext = {}): readonly HashCandidate[] {
  if (!isOfHashLength(text)) return [];
  const marked = MARKED.find(([form]) => form.test(text))?.[1];
  if (marked !== undefined) return withContext(marked, context);
  if (MODULAR.test(text)) return [{ name: 'modular', hashcat: null, prior: 1 }];
  const bare = /^([0-9a-f]+)(:.+)?$/i.exec(text);
  const hex = bare?.[1];
  if (hex === undefined) return [];
  const salted = context.salted === true || bare?.[2] !== undefined;
  const weighted = (salted ? SALTED : BARE)[hex.length];
  return weighted === undefined ? [] : withContext(weighted, context);
}

/** How fast `name` can be guessed. An unknown hash counts as fast (DOMAIN, Risk model). */
export function hashSpeed(name: string): HashSpeed {
  if (SLOW.has(name)) return 'slow';
  if (REVERSIBLE.test(name)) return 'reversible';
  return FAST_SALTED.test(name) ? 'fast_salted' : 'fast';
}

function isOfHashLength(text: string): boolean {
  return text.length >= 16 && text.length <= 1024;
}

function withContext(weighted: Weighted, context: HashContext): readonly HashCandidate[] {
  const column = context.column?.toLowerCase().replace(/[^a-z0-9]/g, '') ?? '';
  const favoured = context.pwdump === true || /^(?:nt|ntlm|nthash)$/.test(column) ? 'ntlm' : column;
  const scored = weighted.map(([name, hashcat, weight]) => ({
    name,
    hashcat,
    weight: name.replaceAll('_', '') === favoured ? weight * 1000 : weight,
  }));
  const sum = scored.reduce((total, { weight }) => total + weight, 0);
  return scored
    .map(({ name, hashcat, weight }) => ({ name, hashcat, prior: weight / sum }))
    .sort((a, b) => b.prior - a.prior || (a.name < b.name ? -1 : 1));
}
