/**
 * What the columns of a dump mean: by their names where they have names, else by what stands in them. One reading for CSV, SQL
 * and JSON, so that a table says the same in whichever form it leaked.
 */
import { isEmail, isHostName } from '../dialects/plausible.ts';
import { identifyHash } from '../../finding/hash-type.ts';
import { hasScheme } from '../dialects/url-first.ts';

export const ROLES = ['email', 'login', 'password', 'salt', 'url', 'application'] as const;
export type Role = (typeof ROLES)[number];

/** Role of each column, `null` for those that say nothing about a credential. */
export type ColumnRoles = readonly (Role | null)[];

/** One row, as a credential. */
export interface RowFields {
  readonly url: string;
  readonly login: string;
  readonly password: string;
  readonly salt: string;
  readonly application: string | null;
}

/** Names that dumps give their columns, lower case, letters and digits only. */
const NAMES: Readonly<Record<Role, readonly string[]>> = {
  email: ['email', 'mail', 'emailaddress', 'useremail', 'usermail', 'memail', 'emailid', 'อีเมล'],
  login: [
    ...['login', 'username', 'user', 'userlogin', 'loginname', 'uname', 'account', 'accountname', 'uid', 'nick'],
    ...['nickname', 'handle', 'membername', 'samaccountname', 'userprincipalname', 'upn', 'phone', 'mobile', 'tel'],
    ...['ชื่อผู้ใช้', 'identity'],
  ],
  password: [
    ...['password', 'pass', 'passwd', 'pwd', 'pw', 'userpassword', 'userpass', 'userpwd', 'passwordhash', 'passhash'],
    ...['hash', 'hashedpassword', 'encryptedpassword', 'passwordmd5', 'passmd5', 'md5', 'sha1', 'pwhash', 'secret'],
    ...['passwordplaintext', 'plaintext', 'plaintextpassword', 'memberspasshash', 'nthash', 'ntlm', 'รหัสผ่าน'],
  ],
  salt: ['salt', 'passwordsalt', 'passsalt', 'userpasswordsalt', 'memberspasssalt'],
  url: ['url', 'uri', 'host', 'hostname', 'site', 'website', 'domain', 'originurl', 'loginurl', 'targeturl', 'origin'],
  application: ['application', 'app', 'browser', 'software', 'targetapplication'],
};

/** Role of a column of this name. */
export function roleOfName(name: string): Role | null {
  const plain = name.toLowerCase().replace(/[^\p{L}\p{N}\p{M}]/gu, '');
  return ROLES.find((role) => NAMES[role].includes(plain)) ?? null;
}

/** Roles by names, each role once (the first column of it); `null` where they do not make a credential. */
export function rolesOfNames(names: readonly string[]): ColumnRoles | null {
  const taken = new Set<Role>();
  const roles = names.map((name) => {
    const role = roleOfName(name);
    if (role === null || taken.has(role)) return null;
    taken.add(role);
    return role;
  });
  const hasLogin = taken.has('email') || taken.has('login');
  return hasLogin && (taken.has('password') || taken.has('url')) ? roles : null;
}

/** Roles by content of rows without names; `null` where no column holds e-mail addresses. */
export function rolesOfRows(rows: readonly (readonly string[])[]): ColumnRoles | null {
  const width = Math.max(0, ...rows.map((row) => row.length));
  const share = (column: number, is: (text: string) => boolean) =>
    rows.filter((row) => is(row[column] ?? '')).length / Math.max(1, rows.length);
  const columns = Array.from({ length: width }, (_, i) => i);
  const email = columns.find((i) => share(i, isEmail) >= 0.6);
  if (email === undefined) return null;
  const url = columns.find((i) => i !== email && share(i, isUrl) >= 0.6);
  const hash = columns.find((i) => i !== email && share(i, (text) => identifyHash(text).length > 0) >= 0.6);
  // Without a hash to be seen the secret is what follows the address, as in every list.
  const after = columns.find((i) => i > email && i !== url && share(i, (text) => text !== '') >= 0.6);
  const password = hash ?? after;
  if (password === undefined) return null;
  return columns.map((i) => (i === email ? 'email' : i === password ? 'password' : i === url ? 'url' : null));
}

/** The credential of a row; `null` where it has neither login nor URL. The e-mail address is the login where there is one. */
export function fieldsOfRow(values: readonly string[], roles: ColumnRoles): RowFields | null {
  const of = (role: Role) => values[roles.indexOf(role)] ?? '';
  const email = of('email').trim();
  const login = email !== '' ? email : of('login').trim();
  const url = of('url').trim();
  if (login === '' && url === '') return null;
  const application = of('application').trim();
  return {
    url,
    login,
    password: of('password'),
    salt: of('salt'),
    application: application === '' ? null : application,
  };
}

function isUrl(text: string): boolean {
  return hasScheme(text) || (text.includes('.') && isHostName(text.split('/')[0] ?? ''));
}
