/**
 * The corpus of the ingest bench: a made-up list of `url:login:password` and `login:password` lines over 500,000 invented domains
 * by Zipf, with mixed separators, and the watch lists to look for in it. Written once to `.cache/bench`; nothing in it is real.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Seeded } from './seeded.ts';

/** Changes whenever what is written changes. */
const VERSION = 1;
const SEED = 0x5ea1;
const DOMAINS = 500_000;
/** Names that every list is full of are nobody's watch terms. */
const COMMONEST = 300;

const COMMON = (
  'gmail hotmail yahoo outlook icloud accounts.google www.facebook login.live www.instagram www.netflix twitter discord ' +
  'www.roblox steamcommunity www.amazon www.paypal store.steampowered www.epicgames mail live'
)
  .split(' ')
  .map((name) => `${name}.example`);
const MAIL_PROVIDERS = 6;

const TOP_LEVELS: readonly (readonly [string, number])[] = [
  ['com', 46],
  ['net', 6],
  ['org', 5],
  ['ru', 6],
  ['com.br', 5],
  ['co.in', 2],
  ['in', 2],
  ['de', 3],
  ['fr', 2],
  ['co.uk', 2],
  ['id', 2],
  ['co.id', 2],
  ['vn', 2],
  ['com.vn', 1],
  ['co.th', 3.2],
  ['go.th', 1.6],
  ['ac.th', 1.7],
  ['or.th', 0.7],
  ['in.th', 1.1],
  ['mi.th', 0.1],
  ['io', 1.2],
  ['info', 1],
  ['xyz', 1],
];
const SUBDOMAINS = ['www', 'login', 'auth', 'm', 'portal', 'accounts', 'sso', 'webmail', 'mail', 'id', 'my', 'vpn', ''];
const PATHS = [
  '/',
  '/login',
  '/signin',
  '/auth/login',
  '/wp-login.php',
  '/account/signin',
  '/register',
  '/users/sign_in',
  '/index.php?route=account/login',
  '/adfs/ls/',
  '/owa/auth/logon.aspx',
  '/remote/login?lang=en',
];
const SEPARATORS: readonly (readonly [string, number])[] = [
  [':', 90],
  [';', 4],
  ['|', 3],
  ['\t', 1.5],
  [' ', 1.5],
];
const PASSWORD_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!@#$%&*_-.:';

export interface Corpus {
  readonly path: string;
  readonly sizeBytes: number;
  /** Domain lists by case. */
  readonly domains: Readonly<Record<'n100' | 'n10k' | 'n100k' | 'th38k', readonly string[]>>;
  /** 1,000 of 7 to 14 letters. */
  readonly keywords: readonly string[];
}

/** Writes the corpus of `sizeBytes` under `folder` unless it lies there. About 15 s for 200 MB. */
export function prepareCorpus(folder: string, sizeBytes: number): Corpus {
  mkdirSync(folder, { recursive: true });
  const pool = domainPool(new Seeded(SEED));
  const path = join(folder, `lines-${sizeBytes}-v${VERSION}.txt`);
  if (!existsSync(path)) {
    writeLines(`${path}.tmp`, sizeBytes, new Seeded(SEED + 1), pool);
    renameSync(`${path}.tmp`, path);
  }
  const random = new Seeded(SEED + 2);
  const thai = pool.slice(COMMONEST).filter((name) => name.endsWith('.th'));
  return {
    path,
    sizeBytes: statSync(path).size,
    domains: {
      n100: watched(random, pool, 100),
      n10k: watched(random, pool, 10_000),
      n100k: watched(random, pool, 100_000),
      th38k: thai.slice(0, 38_000),
    },
    keywords: keywords(random),
  };
}

/** Writes one term a line, as ripgrep's `-f` takes them; returns the path. */
export function writeTerms(folder: string, name: string, terms: readonly string[]): string {
  const path = join(folder, `${name}.terms`);
  writeFileSync(path, `${terms.join('\n')}\n`);
  return path;
}

function domainPool(random: Seeded): readonly string[] {
  const pool = new Set(COMMON);
  while (pool.size < DOMAINS) {
    const tail = random.next() < 0.15 ? `-${random.word(1, 2)}` : '';
    pool.add(`${random.word(2, 4)}${tail}.${random.weighted(TOP_LEVELS)}`);
  }
  return [...pool];
}

/** Organisations watch what few others have: a third of them Thai, none of the commonest. */
function watched(random: Seeded, pool: readonly string[], count: number): readonly string[] {
  const names = new Set<string>();
  while (names.size < count) {
    const name = pool[COMMONEST + random.whole(pool.length - COMMONEST)] as string;
    if (name.endsWith('.th') || random.next() < 0.15 || count >= 100_000) names.add(name);
  }
  return [...names];
}

function keywords(random: Seeded): readonly string[] {
  const words = new Set<string>();
  while (words.size < 1_000) {
    const word = random.word(3, 6);
    if (word.length >= 7 && word.length <= 14) words.add(word);
  }
  return [...words];
}

function writeLines(path: string, sizeBytes: number, random: Seeded, pool: readonly string[]): void {
  const file = openSync(path, 'w');
  for (let written = 0; written < sizeBytes;) {
    let part = '';
    while (part.length < 4_000_000) part += `${line(random, pool)}\n`;
    written += writeSync(file, part);
  }
  closeSync(file);
}

function line(random: Seeded, pool: readonly string[]): string {
  const kind = random.next();
  const separator = random.weighted(SEPARATORS);
  if (kind < 0.55) return [url(random, pool), login(random, pool), password(random)].join(separator);
  if (kind < 0.57) {
    const app = `android://${random.word(6, 8)}==@com.${random.word(1, 2)}.${random.word(1, 2)}/`;
    return [app, login(random, pool), password(random)].join(':');
  }
  if (kind < 0.96) return `${email(random, pool)}${separator}${password(random)}`;
  if (kind < 0.99) return `${localPart(random)}:${password(random)}`;
  return `${random.word(1, 3)} ${random.word(1, 4)}`;
}

function url(random: Seeded, pool: readonly string[]): string {
  const name = random.zipf(pool);
  const sub = name.split('.').length > 2 && random.next() < 0.5 ? '' : random.pick(SUBDOMAINS);
  const scheme = random.next() < 0.8 ? 'https://' : random.next() < 0.5 ? 'http://' : '';
  const path = PATHS[Math.floor(PATHS.length * random.next() * random.next())] as string;
  return `${scheme}${sub === '' ? '' : `${sub}.`}${name}${path}`;
}

function login(random: Seeded, pool: readonly string[]): string {
  const kind = random.next();
  if (kind < 0.68) return email(random, pool);
  if (kind < 0.9) return localPart(random);
  return `0${8 + random.whole(2)}${String(random.whole(1e8)).padStart(8, '0')}`;
}

function email(random: Seeded, pool: readonly string[]): string {
  const domain = random.next() < 0.62 ? (pool[random.whole(MAIL_PROVIDERS)] as string) : random.zipf(pool);
  return `${localPart(random)}@${domain}`;
}

function localPart(random: Seeded): string {
  const kind = random.next();
  if (kind < 0.4) return `${random.word(2, 3)}${random.whole(1000)}`;
  if (kind < 0.7) return `${random.word(1, 2)}.${random.word(1, 3)}`;
  return kind < 0.85 ? random.word(2, 4) : `${random.word(1, 2)}_${random.whole(99_999)}`;
}

function password(random: Seeded): string {
  const kind = random.next();
  if (kind < 0.5) return `${random.word(1, 3)}${random.whole(random.next() < 0.5 ? 100 : 10_000)}`;
  if (kind < 0.7) {
    const word = random.word(2, 3);
    return `${word.charAt(0).toUpperCase()}${word.slice(1)}@${1980 + random.whole(45)}`;
  }
  if (kind < 0.8) return String(random.whole(1e8)).padStart(8, '0');
  let text = '';
  for (let left = 8 + random.whole(9); left > 0; left--)
    text += PASSWORD_CHARACTERS.charAt(random.whole(PASSWORD_CHARACTERS.length));
  return text;
}
