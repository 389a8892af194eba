/** Lines and fields that are no credential: sellers' banners, rulers, placeholders, masked secrets. Each by a named rule. */
import type { IgnoreRule } from '../record.ts';
import type { LineFields } from './dialect.ts';
import { isEmail } from './plausible.ts';

const RULER = /^[=\-_*#~+.<>|\\/ \t]{3,}$/;
const BOX_DRAWING = /[\u2500-\u259f]/;
const CHANNEL = /(?:^|[^a-z0-9])(?:t\.me|telegram\.me|telegram\.dog)\//i;
const SELLER = /^\s*(?:@[a-z0-9_]{4,32}\s+(?:logs?|cloud|shop|base)\b|seller:|log tools:|free logs:|meta_data\s*$)/i;
const PLACEHOLDERS = new Set(['unknown', 'n/a', 'null', '(null)', 'xxx', '[not_saved]']);
const MASK = /^[*•●]{3,}$/;

/** A line that is junk whatever it parses to. */
export function junkLineRule(line: string): IgnoreRule | null {
  const trimmed = line.trim();
  if (trimmed === '') return 'empty-line';
  if (RULER.test(trimmed)) return 'separator';
  if (BOX_DRAWING.test(line) || SELLER.test(line)) return 'banner';
  return null;
}

export function isJunkLine(line: string): boolean {
  return junkLineRule(line) !== null || (CHANNEL.test(line) && !line.includes('://t.me/'));
}

/** What a line's fields, or the lack of them, say. An account on t.me itself, with its own login, is no banner. */
export function junkFieldsRule(line: string, fields: LineFields | null): IgnoreRule | null {
  if (CHANNEL.test(line) && !(fields !== null && CHANNEL.test(fields.url) && isEmail(fields.login))) return 'banner';
  if (fields === null) return null;
  const password = fields.password.trim();
  if (password === '') return 'empty-secret';
  if (isMask(password)) return 'masked-secret';
  return isPlaceholder(password) || isPlaceholder(fields.login) ? 'placeholder' : null;
}

/** A word that stands where nothing was known. */
export function isPlaceholder(text: string): boolean {
  return PLACEHOLDERS.has(text.toLowerCase());
}

/** Stars or bullets in the place of a text. */
export function isMask(text: string): boolean {
  return MASK.test(text);
}
