/** `email SEP password` and `user SEP password` (combo lists): split at the first separator after the login. */
import type { Dialect } from './dialect.ts';
import { isEmail } from './plausible.ts';
import { hasScheme } from './url-first.ts';
import { urlLast } from './url-last.ts';

export const emailPair: Dialect = {
  name: 'email-pass',
  parse(line, separator) {
    const at = line.indexOf('@');
    if (at < 1 || hasScheme(line)) return null;
    const end = line.indexOf(separator, at);
    if (end < 0) return null;
    const login = line.slice(0, end).trim();
    if (!isEmail(login) || urlLast.parse(line, separator) !== null) return null;
    return { url: '', login, password: line.slice(end + 1), application: null, confidence: 0.95 };
  },
};

export const userPair: Dialect = {
  name: 'user-pass',
  parse(line, separator) {
    if (hasScheme(line)) return null;
    const end = line.indexOf(separator);
    if (end < 1) return null;
    const login = line.slice(0, end).trim();
    if (login === '' || /\s/.test(login) || urlLast.parse(line, separator) !== null) return null;
    // Prose is words with spaces between them: by spaces only a line of exactly two words is a pair.
    if (separator === ' ' && line.trim().includes(' ', end + 1)) return null;
    return { url: '', login, password: line.slice(end + 1), application: null, confidence: 0.6 };
  },
};
