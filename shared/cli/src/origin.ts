/** Addresses of servers as the caller writes them. */
import { Failure } from './command.ts';

/** `https://sealpost.example` or `http://localhost:8787`, in its one spelling; a path or a user is wrong use. */
export function parseOrigin(text: string, name = '--server'): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url !== null && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (!isPlain || !/^https?:$/.test(url.protocol)) {
    throw new Failure(`${name} is an address such as https://sealpost.example`, 2);
  }
  return url.origin;
}
