/** The only mask rule (DOMAIN rule 1; DIVD, hardened): always six stars, so that the length does not leak. */

const STARS = '******';
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Under 8 user-perceived characters: all masked; 8 to 11: first and last kept; 12 or more: first two and last two.
 */
export function maskText(text: string): string {
  const parts = graphemes(text);
  const kept = parts.length < 8 ? 0 : parts.length < 12 ? 1 : 2;
  if (kept === 0) return STARS;
  return parts.slice(0, kept).join('') + STARS + parts.slice(-kept).join('');
}

/** User-perceived characters of `text`, counted up to `most`. */
export function countGraphemes(text: string, most = Number.POSITIVE_INFINITY): number {
  return isPlain(text) ? Math.min(text.length, most) : Math.min(graphemes(text).length, most);
}

/** Passwords are mostly printable ASCII, where every character is one: 30 times faster than the segmenter. */
function graphemes(text: string): readonly string[] {
  if (isPlain(text)) return [...text];
  return Array.from(segmenter.segment(text), (part) => part.segment);
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
