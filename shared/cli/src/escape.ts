/**
 * Text from leak material, requests and servers on its way to a terminal: control characters (C0, C1) move cursors and rewrite
 * windows, bidi controls reorder what is read. All of them are shown, none is sent.
 */

/** C0 and DEL, C1, and the bidi controls of Unicode (UAX #9): marks, embeddings, overrides, isolates. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** `text` for a person, on one line: unsafe characters as `\u001b`. */
export function toTerminal(text: string): string {
  return text.replace(UNSAFE, toCode);
}

/** One JSON value as one line, without its newline. Parses to the same value; nothing in it can act on a terminal. */
export function toJsonLine(value: unknown): string {
  return escapeJson(JSON.stringify(value));
}

/** The same for text that is JSON already: unsafe characters can stand in its strings only. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE, toCode);
}

function toCode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
