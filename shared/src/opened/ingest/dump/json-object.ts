/** One row of JSON text as an object, within bounds. */

/** INGEST, Limits. */
const MAX_JSON_DEPTH = 32;

export type JsonRow =
  | { readonly kind: 'object'; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: 'broken'; readonly reason: 'bad-escape' | 'limit-depth' };

/** Reads an object's text, with the comma or newline behind it. */
export function parseJsonRow(text: string): JsonRow {
  const trimmed = text.trim().replace(/[\s,]+$/, '');
  if (!trimmed.startsWith('{')) return { kind: 'broken', reason: 'bad-escape' };
  if (jsonDepth(trimmed) > MAX_JSON_DEPTH) return { kind: 'broken', reason: 'limit-depth' };
  try {
    return { kind: 'object', value: JSON.parse(trimmed) as Record<string, unknown> };
  } catch {
    return { kind: 'broken', reason: 'bad-escape' };
  }
}

/** How deep brackets stand in each other, strings left out. */
function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  walkJson(text, (char) => {
    if (char === '{' || char === '[') deepest = Math.max(deepest, ++depth);
    else if (char === '}' || char === ']') depth--;
    return true;
  });
  return deepest;
}

/** How many brackets are open where `"key":` first stands, `null` if it does not. */
export function depthOfKey(text: string, key: string): number | null {
  const quoted = JSON.stringify(key);
  if (!text.includes(quoted)) return null;
  let depth = 0;
  let found: number | null = null;
  walkJson(text, (char, at) => {
    if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    else if (
      char === '"' &&
      text.startsWith(quoted, at) &&
      /^\s*:/.test(text.slice(at + quoted.length, at + quoted.length + 8))
    ) {
      found = depth;
    }
    return found === null;
  });
  return found;
}

/** Calls `take` for each character outside strings and for each string's opening quote, until it answers `false`. */
function walkJson(text: string, take: (char: string, at: number) => boolean): void {
  let isInside = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (isInside) {
      if (char === '\\') at++;
      else if (char === '"') isInside = false;
      continue;
    }
    if (char === '"') isInside = true;
    if (!take(char, at)) return;
  }
}
