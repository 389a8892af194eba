/** What a file of a stealer log is by its name: which to parse, which to read for the machine, which to skip. */
import { baseName } from '../archive/display-path.ts';

export type FileRole = 'passwords' | 'system' | 'cookies' | 'autofill' | 'no-credential' | 'unknown';

const SYSTEM_NAMES = new Set([
  'userinformation.txt',
  'userinfo.txt',
  'information.txt',
  '_information.txt',
  'system.txt',
  'system info.txt',
  'system_info.txt',
  'systeminfo.txt',
  'sysinfo.txt',
  'system_information.txt',
]);
/** Passwords alone, without a login: never a finding, wherever the file lies. */
const BARE_PASSWORDS = /^(?:brute|brutelist|brute_list|unique_passwords)\.txt$/i;
/** RedLine's digest of all its autofill files (`ImportantAutofills`) is none of them. */
const AUTOFILL = /(?:^|\/)autofills?(?:[\s_.-][^/]*)?(?:\/|\.txt$)/i;
/** Bare passwords without login, browser state, wallets, documents: counted, never a finding. */
const SKIPPED =
  /(?:^|\/)(?:brute|brutelist|unique_passwords|autofills?|importantautofills|history|downloads?|processes|processlist|software|soft|installedsoftware|installedbrowsers|domaindetects?|domain_detect|debug|clipboard|keychain|googletokens|steam_tokens|useragents?|ua|creditcards|credits|cc|wallets?|plugins?|extensions?|filegrabber|files|grabber|discord|telegram|steam|restore|bookmarks)(?:[\s_.-][^/]*)?(?:\/|\.txt$|\.json$|$)/i;
/** Formats that are zip archives inside, and what no leak list ever is. */
const NEVER_TEXT =
  /\.(?:docx|xlsx|pptx|odt|ods|odp|jar|apk|epub|jpe?g|png|gif|bmp|webp|ico|mp[34]|avi|mov|exe|dll|ldb|dat|pdf)$/i;

/** True for the name of a system file: its folder is a machine's. */
export function isSystemName(path: string): boolean {
  return SYSTEM_NAMES.has(baseName(path).toLowerCase());
}

/** True for names of lists that hold passwords alone. */
export function isBarePasswordList(path: string): boolean {
  return BARE_PASSWORDS.test(baseName(path));
}

/** True for names like `Passwords.txt`; whether it holds blocks is for its content to say. */
export function isPasswordName(path: string): boolean {
  const name = baseName(path).toLowerCase();
  return name.endsWith('.txt') && name.includes('pass') && !SKIPPED.test(name) && !isBarePasswordList(name);
}

/** Role by the path below the machine's own folder. */
export function fileRole(path: string): FileRole {
  const name = baseName(path).toLowerCase();
  if (isSystemName(path)) return 'system';
  if (isBarePasswordList(path)) return 'no-credential';
  if (AUTOFILL.test(path) && name.endsWith('.txt')) return 'autofill';
  if (SKIPPED.test(path) || NEVER_TEXT.test(name)) return 'no-credential';
  if (name.endsWith('.txt') && name.includes('cookie')) return 'cookies';
  if (/(?:^|\/)cookies?\/[^/]+\.txt$/i.test(path)) return 'cookies';
  return isPasswordName(path) ? 'passwords' : 'unknown';
}

/** True for names whose files are opened neither as archive nor as text. */
export function isNeverText(path: string): boolean {
  return NEVER_TEXT.test(path);
}
