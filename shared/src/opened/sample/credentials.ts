/**
 * Made-up credentials: invented people, reserved domains (RFC 2606), generated passwords. Every one knows by construction which
 * listed domains it concerns; nothing here comes from a real leak.
 */
import type { Random } from './random.ts';

export interface MadeCredential {
  /** '' in combo lists. */
  readonly url: string;
  readonly login: string;
  readonly password: string;
  /** Indexes of the listed domains that the login's mail or the URL's host belongs to. */
  readonly concerns: readonly number[];
}

const GIVEN = [
  'somchai',
  'somying',
  'nok',
  'lek',
  'kanya',
  'anan',
  'malee',
  'prasit',
  'wichai',
  'siriporn',
  'thanawat',
  'kittisak',
  'pimchanok',
  'chalida',
  'narong',
  'orathai',
  'decha',
  'ratana',
  'suda',
  'wanida',
  'apichat',
  'boonmee',
  'chaiyo',
  'duangjai',
  'ekkachai',
] as const;
const FAMILY = [
  'jaidee',
  'rakthai',
  'sukjai',
  'thongdee',
  'saelim',
  'wongsawat',
  'boonsri',
  'kaewta',
  'srisuk',
  'phromma',
  'intarat',
  'chanthong',
  'meesuk',
  'sombat',
  'yodrak',
  'khamdee',
  'nilawan',
  'promdee',
  'suwannee',
  'thepnimit',
] as const;
const WORDS = [
  'mango',
  'elephant',
  'river',
  'sunset',
  'coffee',
  'tiger',
  'lotus',
  'market',
  'temple',
  'monsoon',
  'bamboo',
  'ginger',
] as const;
const SITES = ['shop', 'forum', 'travel', 'games', 'music', 'books', 'food', 'photo', 'jobs', 'video'] as const;
const STAFF_HOSTS = ['sso', 'vpn', 'webmail', 'mail', 'intranet', 'hr', 'admin'] as const;
const PUBLIC_HOSTS = ['eservice', 'portal', 'www', 'reg', 'library'] as const;
const PATHS = ['/', '/login', '/adfs/ls/', '/owa/auth/logon.aspx', '/signin', '/user/login', '/remote/login'] as const;
/** Public mail providers of made-up material (finding/public-mail.ts). */
const PUBLIC_MAIL = ['freemail.example', 'mail.example', 'gmail.com'] as const;

/** How likely a credential concerns a listed domain; the rest is noise, partly of names that only look alike. */
const OWN_SHARE = 0.15;

/** One credential; with `isPair` an e-mail and a password only. */
export function makeCredential(
  random: Random,
  domains: readonly string[],
  isPair: boolean,
  ownShare = OWN_SHARE,
): MadeCredential {
  const password = makePassword(random);
  if (domains.length === 0 || !random.chance(ownShare)) return { ...noise(random, domains, isPair), password };
  const index = random.int(domains.length);
  const domain = domains[index] ?? '';
  const mail = `${personName(random)}@${domain}`;
  if (isPair) return { url: '', login: vary(random, mail), password, concerns: concerned(domains, '', domain) };
  const form = random.int(20);
  if (form < 7)
    return own(random, domains, `${random.pick(STAFF_HOSTS)}.${domain}`, vary(random, mail), domain, password);
  if (form < 11)
    return own(random, domains, `${random.pick(PUBLIC_HOSTS)}.${domain}`, publicLogin(random), '', password);
  if (form < 14)
    return own(random, domains, `${random.pick(PUBLIC_HOSTS)}.${domain}`, plainLogin(random), '', password);
  if (form < 15) {
    // Staff of one listed organisation at another's service: the record concerns both.
    const other = domains[random.int(domains.length)] ?? domain;
    return own(random, domains, `${random.pick(PUBLIC_HOSTS)}.${other}`, mail, domain, password);
  }
  return own(random, domains, foreignHost(random), vary(random, mail), domain, password);
}

/** A person's login name: `somchai.jai`, `somchai1984`. */
export function personName(random: Random): string {
  const given = random.pick(GIVEN);
  return random.chance(0.8)
    ? `${given}.${random.pick(FAMILY)}${random.chance(0.3) ? random.digits(2) : ''}`
    : `${given}${random.digits(4)}`;
}

/** Six to eighteen characters; some with separators of the list formats, some in Thai. Never empty, a placeholder or a mask. */
function makePassword(random: Random): string {
  const word = random.pick(WORDS);
  const capital = word.charAt(0).toUpperCase() + word.slice(1);
  const form = random.int(100);
  if (form < 40) return `${capital}${random.digits(4)}${random.pick(['!', '@', '#', '$'])}`;
  if (form < 60) return `${word}${random.digits(3)}`;
  if (form < 75) return `${capital}.${random.pick(WORDS)}_${random.digits(2)}`;
  if (form < 85) return `${random.hex(4)}-${word}-${random.hex(4)}`;
  if (form < 92) return `${capital}:${random.pick(WORDS)}:${random.digits(2)}`;
  if (form < 97) return `${word}|${random.digits(3)};${random.pick(WORDS)}`;
  return `รหัสลับ${random.digits(4)}`;
}

/** Thirteen digits with the check digit of a national id: weights 13 to 2, modulo 11. */
function nationalId(random: Random): string {
  const digits = random.digits(12);
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += Number(digits[i]) * (13 - i);
  return digits + String((11 - (sum % 11)) % 10);
}

function publicLogin(random: Random): string {
  const form = random.int(10);
  if (form < 7) return `${personName(random)}@${random.pick(PUBLIC_MAIL)}`;
  return form < 9 ? `08${random.digits(8)}` : nationalId(random);
}

function plainLogin(random: Random): string {
  return random.chance(0.5) ? `64${random.digits(8)}` : personName(random).replace('.', '_');
}

function foreignHost(random: Random): string {
  return `${random.chance(0.5) ? 'www.' : ''}${random.pick(SITES)}${random.digits(2)}.example`;
}

function noise(random: Random, domains: readonly string[], isPair: boolean): Omit<MadeCredential, 'password'> {
  const near = domains.length > 0 && random.chance(0.02) ? `x${domains[random.int(domains.length)] ?? ''}` : null;
  const mailDomain = near ?? (random.chance(0.6) ? random.pick(PUBLIC_MAIL) : foreignHost(random));
  const mail = `${personName(random)}@${mailDomain}`;
  if (isPair) return { url: '', login: mail, concerns: concerned(domains, '', mailDomain) };
  const host = near ?? foreignHost(random);
  const isMail = random.chance(0.7);
  return {
    url: `https://${host}${random.pick(PATHS)}`,
    login: isMail ? mail : plainLogin(random),
    // `xmoe.example` is nobody's, but `xsso.moe.example` lies under a listed `moe.example`.
    concerns: concerned(domains, host, isMail ? mailDomain : ''),
  };
}

function own(
  random: Random,
  domains: readonly string[],
  host: string,
  login: string,
  mailDomain: string,
  password: string,
): MadeCredential {
  return {
    url: `https://${host}${random.pick(PATHS)}`,
    login,
    password,
    concerns: concerned(domains, host, mailDomain),
  };
}

/** The longest listed suffix of the host and that of the mail domain: a listed parent of it sees counts only. */
function concerned(domains: readonly string[], host: string, mailDomain: string): readonly number[] {
  const found = new Set<number>();
  for (const name of [host, mailDomain]) {
    let best = -1;
    domains.forEach((domain, i) => {
      const isWithin = name === domain || name.endsWith(`.${domain}`);
      if (isWithin && (best < 0 || domain.length > (domains[best] ?? '').length)) best = i;
    });
    if (best >= 0) found.add(best);
  }
  return [...found];
}

/** The same mailbox is often typed in other letter case: still one account. */
function vary(random: Random, mail: string): string {
  return random.chance(0.06) ? mail.charAt(0).toUpperCase() + mail.slice(1) : mail;
}
