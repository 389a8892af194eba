/** `user:rid:lm:nt:::` of Windows account dumps: the NT hash is the secret; `DOMAIN\user` stays one login. */
import type { Dialect } from './dialect.ts';

const FORM =
  /^([^:]{1,256}):([0-9]{1,10}):([0-9a-fA-F]{32}|NO PASSWORD\*{21}|\*?):([0-9a-fA-F]{32}):[^:]*:[^:]*:[^:]*$/;

export const pwdump: Dialect = {
  name: 'pwdump',
  parse(line, separator) {
    const found = separator === ':' ? FORM.exec(line.trim()) : null;
    if (found === null) return null;
    return { url: '', login: found[1] ?? '', password: found[4] ?? '', application: null, confidence: 0.95 };
  },
};
