/** `login SEP password SEP url` (LPU): the URL is split off from the right at its scheme, the login from the left. */
import type { Dialect } from './dialect.ts';
import { hasScheme } from './url-first.ts';

const SCHEMES = ['https://', 'http://', 'android://'] as const;

export const urlLast: Dialect = {
  name: 'login-pass-url',
  parse(line, separator) {
    if (hasScheme(line)) return null;
    const lower = line.toLowerCase();
    let urlAt = -1;
    for (const scheme of SCHEMES) urlAt = Math.max(urlAt, lower.lastIndexOf(separator + scheme));
    if (urlAt < 0) return null;
    const loginEnd = line.indexOf(separator);
    if (loginEnd >= urlAt) return null;
    const url = line.slice(urlAt + 1).trim();
    if (/\s/.test(url)) return null;
    return {
      url,
      login: line.slice(0, loginEnd).trim(),
      password: line.slice(loginEnd + 1, urlAt),
      application: null,
      confidence: 0.9,
    };
  },
};
