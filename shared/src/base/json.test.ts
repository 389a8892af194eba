import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from './strict-json.ts';
import { canonicalJson } from './canonical-json.ts';
import { parseStrictJson, parseStrictJsonBytes } from './strict-json.ts';

const { tie } = fc.letrec<{ tie: JsonValue }>((again) => ({
  tie: fc.oneof(
    { depthSize: 'small', maxDepth: 6 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger().map((value) => value + 0),
    fc.string({ unit: 'binary' }),
    fc.array(again('tie'), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ unit: 'binary' }).filter((key) => key !== '__proto__'),
      again('tie'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}));

describe('strict JSON', () => {
  it('reads back every value that canonical JSON writes, to the same bytes', () => {
    fc.assert(
      fc.property(tie, (value) => {
        const text = canonicalJson(value);
        const parsed = parseStrictJson(text, 1_000_000);
        expect(parsed).toEqual({ ok: true, value });
        expect(parseStrictJson(JSON.stringify(value, null, 2), 1_000_000)).toEqual(parsed);
        expect(parsed.ok && canonicalJson(parsed.value)).toBe(text);
      }),
    );
  });

  it('accepts nothing that JSON.parse refuses, and reads what it accepts the same', () => {
    const pieces = fc.constantFrom(...'{}[]":,\\ue1-0.5 \n\t', 'true', 'null', '"a"', '\\ud83d', '\u0001', 'é');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const parsed = parseStrictJson(text, 1000);
        expect(parsed.ok ? JSON.stringify(parsed.value) : null).toBe(
          parsed.ok ? JSON.stringify(JSON.parse(text)) : null,
        );
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['{"a":1,"a":1}', 'duplicate-key'],
    ['{"a":1,"\\u0061":2}', 'duplicate-key'],
    ['{"__proto__":{}}', 'forbidden-key'],
    ['{"\\u005f_proto__":{}}', 'forbidden-key'],
    ['1.5', 'not-integer'],
    ['1.0', 'not-integer'],
    ['1e3', 'not-integer'],
    ['-0', 'not-integer'],
    ['01', 'not-integer'],
    ['9007199254740992', 'not-integer'],
    ['"\\ud800"', 'lone-surrogate'],
    ['{"\\udc00":1}', 'lone-surrogate'],
    ['"\ud800"', 'lone-surrogate'],
    [`${'['.repeat(17)}${']'.repeat(17)}`, 'too-deep'],
    [`${'{"a":'.repeat(17)}1${'}'.repeat(17)}`, 'too-deep'],
    [`"${'a'.repeat(1000)}"`, 'too-large'],
    ['', 'syntax'],
    ['{} {}', 'syntax'],
    ['[1,]', 'syntax'],
    ['{"a":1,}', 'syntax'],
    ['{a:1}', 'syntax'],
    ['\ufeff{}', 'syntax'],
    ['"\u0001"', 'syntax'],
    ['"\\x41"', 'syntax'],
    ['"open', 'syntax'],
    ['"open\\', 'syntax'],
    ['nul', 'syntax'],
    ['+1', 'syntax'],
    ['\u00a01', 'syntax'],
  ])('%j is refused as %s', (text, reason) => {
    expect(parseStrictJson(text, 1000)).toMatchObject({ ok: false, error: { kind: 'bad-json', reason } });
  });

  it('accepts 16 levels', () => {
    expect(parseStrictJson(`${'['.repeat(16)}${']'.repeat(16)}`, 1000).ok).toBe(true);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(parseStrictJsonBytes(new Uint8Array([0x22, 0xff, 0x22]), 10)).toMatchObject({
      error: { reason: 'not-utf8' },
    });
    expect(parseStrictJsonBytes(new Uint8Array(11), 10)).toMatchObject({ error: { reason: 'too-large' } });
  });

  it('orders keys by UTF-16 code units as RFC 8785 does', () => {
    expect(canonicalJson({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, ö: 7 })).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
    );
  });

  it('throws on what no strict reader would accept', () => {
    for (const bad of [1.5, Number.NaN, -0, 2 ** 53, '\ud800', undefined as never, { a: undefined as never }])
      expect(() => canonicalJson(bad as JsonValue)).toThrow(TypeError);
  });
});
