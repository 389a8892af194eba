/**
 * Patterns of logins: staff and student numbers, application ids (`b6[0-9]{9}`, `EMP-[0-9]{5,6}`, `[a-z]{2,3}[0-9]{4}t?`). A small
 * language of its own: nothing that a person writes here becomes a regular expression, and matching is linear in the login.
 *
 *   pattern = 1 to 32 parts; part = (letter, digit, `.`, `_`, `-`, or `[…]` of these and ranges), then `?`, `{n}` or `{n,m}` or nothing
 *
 * A pattern stands for the whole login, and capitals do not matter.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';

export type PatternError = { readonly kind: 'syntax'; readonly at: number } | { readonly kind: 'too-long' };

/** Longest pattern in characters, and longest login that one can stand for. */
const MAX_TEXT = 100;
const MAX_LENGTH = 64;
const MAX_PARTS = 32;
/** Below these a pattern says too little to be a watch term: eight digits are a phone number, a date, anybody's id. */
const LEAST_LITERALS = 2;
const LEAST_LENGTH = 6;
const CHARACTER = /^[A-Za-z0-9._-]$/;

/** One character of the login: which may stand there, and whether one must. */
interface Place {
  /** Bytes of ASCII, 1 where one may stand here. */
  readonly allowed: Uint8Array;
  readonly isOptional: boolean;
}

export class LoginPattern {
  /** As written. */
  readonly text: string;
  readonly minLength: number;
  readonly maxLength: number;
  /** Says enough by itself to be a watch term; else it only tells logins of an organisation's own hosts apart. */
  readonly isDistinctive: boolean;
  readonly #places: readonly Place[];

  constructor(text: string, places: readonly Place[], literals: number) {
    this.text = text;
    this.#places = places;
    this.minLength = places.filter(({ isOptional }) => !isOptional).length;
    this.maxLength = places.length;
    this.isDistinctive = literals >= LEAST_LITERALS && this.minLength >= LEAST_LENGTH;
  }

  /** True if `login` as a whole is of this form. At most 64 x 64 steps. */
  matches(login: string): boolean {
    if (login.length < this.minLength || login.length > this.maxLength) return false;
    let states = this.#skip(new Set([0]));
    for (let at = 0; at < login.length; at++) {
      const code = login.charCodeAt(at);
      const next = new Set<number>();
      for (const state of states) if (this.#places[state]?.allowed[code] === 1) next.add(state + 1);
      if (next.size === 0) return false;
      states = this.#skip(next);
    }
    return states.has(this.#places.length);
  }

  /** True if a login may begin with this byte. */
  mayStart(byte: number): boolean {
    return [...this.#skip(new Set([0]))].some((state) => this.#places[state]?.allowed[byte] === 1);
  }

  /** Adds what is reached by leaving optional characters out. */
  #skip(states: Set<number>): Set<number> {
    // A set that grows while it is walked is walked to its new end.
    for (const state of states) if (this.#places[state]?.isOptional === true) states.add(state + 1);
    return states;
  }
}

/** Reads a pattern; `at` of an error is where the text stops making sense. */
export function parseLoginPattern(text: string): Result<LoginPattern, PatternError> {
  if (text.length === 0 || text.length > MAX_TEXT) return err({ kind: 'too-long' });
  const places: Place[] = [];
  let literals = 0;
  let parts = 0;
  for (let at = 0; at < text.length;) {
    const set = readSet(text, at);
    if (set === null || ++parts > MAX_PARTS) return err({ kind: 'syntax', at });
    const count = readCount(text, set.end);
    if (count === null) return err({ kind: 'syntax', at: set.end });
    if (set.isLiteral) literals += count.least;
    if (places.length + count.most > MAX_LENGTH) return err({ kind: 'too-long' });
    for (let i = 0; i < count.most; i++) places.push({ allowed: set.allowed, isOptional: i >= count.least });
    at = count.end;
  }
  return ok(new LoginPattern(text, places, literals));
}

interface ReadSet {
  readonly allowed: Uint8Array;
  readonly isLiteral: boolean;
  readonly end: number;
}

function readSet(text: string, at: number): ReadSet | null {
  const allowed = new Uint8Array(128);
  const first = text[at] ?? '';
  if (CHARACTER.test(first)) {
    allow(allowed, first, first);
    return { allowed, isLiteral: true, end: at + 1 };
  }
  const close = text.indexOf(']', at);
  if (first !== '[' || close <= at + 1) return null;
  for (let i = at + 1; i < close;) {
    const from = text[i] ?? '';
    if (!CHARACTER.test(from)) return null;
    const isRange = text[i + 1] === '-' && i + 2 < close;
    const to = isRange ? (text[i + 2] ?? '') : from;
    if (!CHARACTER.test(to) || to < from || (isRange && !isOneKind(from, to))) return null;
    allow(allowed, from, to);
    i += isRange ? 3 : 1;
  }
  return { allowed, isLiteral: false, end: close + 1 };
}

/** Ranges run within digits, small letters or capitals: `[A-z]` is a slip of the pen. */
function isOneKind(from: string, to: string): boolean {
  return [/^[0-9]{2}$/, /^[a-z]{2}$/, /^[A-Z]{2}$/].some((kind) => kind.test(from + to));
}

function allow(allowed: Uint8Array, from: string, to: string): void {
  for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code++) {
    const text = String.fromCharCode(code);
    allowed[text.toLowerCase().charCodeAt(0)] = 1;
    allowed[text.toUpperCase().charCodeAt(0)] = 1;
  }
}

function readCount(
  text: string,
  at: number,
): { readonly least: number; readonly most: number; readonly end: number } | null {
  if (text[at] === '?') return { least: 0, most: 1, end: at + 1 };
  if (text[at] !== '{') return { least: 1, most: 1, end: at };
  const found = /^\{([0-9]{1,2})(?:,([0-9]{1,2}))?\}/.exec(text.slice(at, at + 8));
  if (found === null) return null;
  const least = Number(found[1]);
  const most = Number(found[2] ?? found[1]);
  return most === 0 || most < least ? null : { least, most, end: at + found[0].length };
}
