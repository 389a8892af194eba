/** Makes the fields of a record out of found texts: trimming, the untrimmed password where that matters, and the limits. */
import type { LoadedRecord } from './record.ts';
import { MAX_LOGIN, MAX_PASSWORD, MAX_URL } from './limits.ts';

/** `password` trimmed, and `rawPassword` where trimming changed it. */
export function passwordFields(found: string): Pick<LoadedRecord, 'password' | 'rawPassword'> {
  const password = found.trim();
  return password === found ? { password } : { password, rawPassword: found };
}

/** False for fields longer than a credential's can be. */
export function fieldsFit(url: string, login: string, password: string): boolean {
  return url.length <= MAX_URL && login.length <= MAX_LOGIN && password.length <= MAX_PASSWORD;
}
