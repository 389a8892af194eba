import type { Result } from './result.ts';
import { fromUtf8 } from './bytes.ts';
import { err, ok } from './result.ts';

/**
 * The one JSON reader of wire, statements and envelopes (FORMATS, Common rules). `JSON.parse` accepts texts that two readers
 * understand differently (duplicate keys, `__proto__`, 1e400, lone surrogates); this one refuses them.
 */

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Where and why a text was refused. `at` is a character offset; the text itself is never part of the error. */
export interface JsonError {
  readonly kind: 'bad-json';
  readonly reason:
    | 'syntax'
    | 'duplicate-key'
    | 'forbidden-key'
    | 'not-integer'
    | 'lone-surrogate'
    | 'too-deep'
    | 'too-large'
    | 'not-utf8';
  readonly at: number;
}

/** FORMATS, Common rules: the most levels of arrays and objects. */
const MAX_JSON_DEPTH = 16;

/** FORMATS, Common rules: the most bytes of a JWS header or payload and other headers. */
export const MAX_HEADER_JSON_BYTES = 16 * 1024;

/**
 * Reads one JSON text. Numbers are safe integers in plain decimal form (no fraction, exponent or `-0`); objects have no
 * prototype surprises: `__proto__` is refused as a key. Refuses texts of more than `maxLength` characters before it looks at them.
 */
export function parseStrictJson(text: string, maxLength: number): Result<JsonValue, JsonError> {
  if (text.length > maxLength) return err({ kind: 'bad-json', reason: 'too-large', at: maxLength });
  const reader = new Reader(text);
  try {
    return ok(reader.whole());
  } catch (error) {
    if (error instanceof Refused) return err({ kind: 'bad-json', reason: error.reason, at: reader.at });
    throw error;
  }
}

/** `parseStrictJson` of UTF-8 bytes; at most `maxBytes` of them. */
export function parseStrictJsonBytes(bytes: Uint8Array, maxBytes: number): Result<JsonValue, JsonError> {
  if (bytes.length > maxBytes) return err({ kind: 'bad-json', reason: 'too-large', at: maxBytes });
  const text = fromUtf8(bytes);
  if (text === null) return err({ kind: 'bad-json', reason: 'not-utf8', at: 0 });
  return parseStrictJson(text, maxBytes);
}

/** True for objects, false for arrays, null and scalars. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

class Refused extends Error {
  readonly reason: JsonError['reason'];
  constructor(reason: JsonError['reason']) {
    super(reason);
    this.reason = reason;
  }
}

const INTEGER = /-?(?:0|[1-9][0-9]*)/y;
const NUMBER_REST = /[.eE0-9]/;
const PLAIN_STRING = /[^"\\\u0000-\u001f]*/y;

class Reader {
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): JsonValue {
    const value = this.#value(0);
    this.#space();
    if (this.at !== this.#text.length) throw new Refused('syntax');
    return value;
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at++;
    }
  }

  #value(depth: number): JsonValue {
    this.#space();
    switch (this.#text[this.at]) {
      case '{':
        return this.#object(depth + 1);
      case '[':
        return this.#array(depth + 1);
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#integer();
    }
  }

  #object(depth: number): JsonObject {
    if (depth > MAX_JSON_DEPTH) throw new Refused('too-deep');
    const object: Record<string, JsonValue> = {};
    this.at++;
    if (this.#closes('}')) return object;
    for (;;) {
      this.#space();
      if (this.#text[this.at] !== '"') throw new Refused('syntax');
      const key = this.#string();
      if (key === '__proto__') throw new Refused('forbidden-key');
      if (Object.hasOwn(object, key)) throw new Refused('duplicate-key');
      this.#space();
      if (this.#text[this.at] !== ':') throw new Refused('syntax');
      this.at++;
      object[key] = this.#value(depth);
      if (this.#ends('}')) return object;
    }
  }

  #array(depth: number): readonly JsonValue[] {
    if (depth > MAX_JSON_DEPTH) throw new Refused('too-deep');
    const array: JsonValue[] = [];
    this.at++;
    if (this.#closes(']')) return array;
    for (;;) {
      array.push(this.#value(depth));
      if (this.#ends(']')) return array;
    }
  }

  /** Steps over `mark` when the array or object is empty. */
  #closes(mark: string): boolean {
    this.#space();
    if (this.#text[this.at] !== mark) return false;
    this.at++;
    return true;
  }

  /** Steps over `mark` (true) or a comma (false). */
  #ends(mark: string): boolean {
    this.#space();
    const found = this.#text[this.at];
    if (found !== mark && found !== ',') throw new Refused('syntax');
    this.at++;
    return found === mark;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.at)) throw new Refused('syntax');
    this.at += word.length;
    return value;
  }

  #integer(): number {
    INTEGER.lastIndex = this.at;
    const found = INTEGER.exec(this.#text)?.[0];
    if (found === undefined) throw new Refused('syntax');
    const value = Number(found);
    if (
      NUMBER_REST.test(this.#text[this.at + found.length] ?? '') ||
      Object.is(value, -0) ||
      !Number.isSafeInteger(value)
    )
      throw new Refused('not-integer');
    this.at += found.length;
    return value;
  }

  #string(): string {
    const start = this.at++;
    for (;;) {
      PLAIN_STRING.lastIndex = this.at;
      this.at += PLAIN_STRING.exec(this.#text)?.[0].length ?? 0;
      const mark = this.#text[this.at];
      if (mark === '"') break;
      if (mark !== '\\') throw new Refused('syntax');
      this.at += 2;
    }
    this.at++;
    return unescapeString(this.#text.slice(start, this.at));
  }
}

/** `quoted` has no control characters and ends at its first free quote: only escapes can still be wrong. */
function unescapeString(quoted: string): string {
  let text: string;
  try {
    text = JSON.parse(quoted) as string;
  } catch {
    throw new Refused('syntax');
  }
  if (!text.isWellFormed()) throw new Refused('lone-surrogate');
  return text;
}
