/** The English words of the app: tests find things by the names that people see, and never repeat them. */
import { en } from '../../web/src/lib/messages/en.ts';

export { th } from '../../web/src/lib/messages/th.ts';
export const words = en;

/** A number as the interface writes it. */
export const number = (value: number): string => value.toLocaleString('en-GB');

/** Matches a text in which one part varies: `pattern((n) => `${n} findings`)`. */
export function pattern(say: (part: string) => string): RegExp {
  const mark = '\u0001';
  const escaped = say(mark).replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^\\s*${escaped.replaceAll(mark, '(.+)')}\\s*$`);
}
