/** Finds the characters in leaked text that show nothing or change how the rest reads, and names them. */

export interface TextPart {
  readonly text: string;
  /** `true`: `text` is the name of a character, not the character. */
  readonly hidden: boolean;
}

/**
 * C0, C1, soft hyphen, Arabic letter mark, zero-width and bidi controls, line and paragraph separators, word joiners,
 * interlinear marks, tag characters, variation selectors and the byte order mark (Unicode 16, general categories Cc, Cf, Zl, Zp).
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufe00-\ufe0f]/u;

/** `true` if `text` has a character that shows nothing or changes how the rest reads. */
export function hasHidden(text: string): boolean {
  return HIDDEN.test(text);
}

/** Splits `text` into what may be shown as it is and the names (`U+202E`) of what may not. */
export function markHidden(text: string): readonly TextPart[] {
  if (!hasHidden(text)) return [{ text, hidden: false }];
  const parts: TextPart[] = [];
  let plain = '';
  for (const letter of text) {
    if (!HIDDEN.test(letter)) {
      plain += letter;
      continue;
    }
    if (plain) parts.push({ text: plain, hidden: false });
    plain = '';
    const code = (letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    parts.push({ text: `U+${code}`, hidden: true });
  }
  if (plain) parts.push({ text: plain, hidden: false });
  return parts;
}
