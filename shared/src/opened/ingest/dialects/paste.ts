/**
 * Free text with credentials in it (pastes, chat): an e-mail address, then its password behind a mark or a label on the same line.
 * Only asked when nothing else fits, and worth little: people write about addresses, too.
 */
import type { LineFields } from './dialect.ts';
import { isEmail } from './plausible.ts';

const LABEL = /^(?:pass(?:word|wd)?|pwd?|pw|รหัสผ่าน|รหัส)$/i;
const MARKS = new Set([':', '|', '/', '-', '=', '=>', '->', '>', '—', '–']);
/** Words of a line that are looked at. */
const MOST_WORDS = 64;

/** `null` if the line holds no address with a secret behind it. */
export function parsePaste(line: string): LineFields | null {
  const words = line.split(/\s+/, MOST_WORDS).filter((word) => word !== '');
  const at = words.findIndex((word) => isEmail(trimMarks(word)));
  if (at < 0) return null;
  let next = at + 1;
  let isMarked = false;
  for (; next < words.length - 1; next++) {
    const word = words[next] as string;
    if (!MARKS.has(word) && !LABEL.test(trimMarks(word))) break;
    isMarked = true;
  }
  const password = words[next];
  if (!isMarked || password === undefined || MARKS.has(password) || LABEL.test(trimMarks(password))) return null;
  return { url: '', login: trimMarks(words[at] as string), password, application: null, confidence: 0.3 };
}

/** Without the brackets and colons that surround a word in prose. */
function trimMarks(word: string): string {
  return word.replace(/^[<([{"']+/, '').replace(/[>)\]}"',;:=]+$/, '');
}
