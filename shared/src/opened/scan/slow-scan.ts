/** For tests: the slow obvious scanner. Every rule of `terms.ts` by text and expressions, nothing compiled, nothing skipped. */
import type { ScanTerms } from './terms.ts';

/** Start and end of every line of `bytes` that holds a term. */
export function slowScan(terms: ScanTerms, bytes: Uint8Array, newline = 10): number[] {
  const text = latin1(bytes);
  const verdicts = new Map(terms.names.map((name) => [latin1(name.bytes), name.isHit]));
  const anywhere = [...terms.keywords, ...terms.strings].map(latin1);
  const words = new Set(terms.words.map(latin1));
  const hits: number[] = [];
  for (let start = 0; start < text.length;) {
    const newlineAt = text.indexOf(String.fromCharCode(newline), start);
    const end = newlineAt < 0 ? text.length : newlineAt + 1;
    const line = text.slice(start, end).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    const isHit =
      anywhere.some((term) => line.includes(term)) ||
      [...line.matchAll(/[a-z0-9]+/g)].some(([word]) => words.has(word)) ||
      [...line.matchAll(/(\\|%)?([a-z0-9._-]+)/g)].some(([, escape, run = '']) => isWatched(verdicts, run, escape));
    if (isHit) hits.push(start, end);
    start = end;
  }
  return hits;
}

function isWatched(verdicts: ReadonlyMap<string, boolean>, run: string, escape: string | undefined): boolean {
  const host = run.replace(/\.+$/, '');
  const rest = escape === '%' ? 2 : escape === undefined ? 0 : run.startsWith('u') ? 5 : run.startsWith('x') ? 3 : 1;
  const isEscaped = escape !== undefined && host.length <= 253;
  const suffixes = [host, ...(isEscaped ? [host.slice(rest)] : [])].flatMap(suffixesOf);
  const listed = suffixes.map((suffix) => verdicts.get(suffix)).filter((verdict) => verdict !== undefined);
  return isEscaped ? listed.includes(true) : listed[0] === true;
}

/** Longest first, of 253 bytes at most. */
function suffixesOf(host: string): string[] {
  const labels = host.split('.');
  return labels.map((_, at) => labels.slice(at).join('.')).filter((suffix) => suffix.length <= 253);
}

/** A character a byte. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
