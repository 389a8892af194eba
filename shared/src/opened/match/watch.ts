/** Watch terms: what an organisation is recognised by (DOMAIN, Words). The form of `watch.json`, too. */

/** `anywhere` in host, login or application; `login` or `host` alone. Under 5 bytes: only a whole label or login token. */
export type KeywordScope = 'anywhere' | 'login' | 'host';

export interface WatchedOrganisation {
  /** List id. */
  readonly id: string;
  readonly name: string;
  /** Domains and hosts, matched by suffix at label borders; Unicode or punycode. */
  readonly domains: readonly string[];
  /** Suffixes taken out again. */
  readonly exclude: readonly string[];
  readonly keywords: readonly { readonly term: string; readonly scope: KeywordScope }[];
  /** Forms of logins: staff and student numbers, application ids (login-pattern.ts). */
  readonly patterns?: readonly string[];
}

export interface WatchList {
  readonly organisations: readonly WatchedOrganisation[];
}
