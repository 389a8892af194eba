import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnsOf } from '../bundle/columns-of.ts';
import { findingsOf } from '../bundle/row.ts';
import { madeUpFindings } from './made-up-findings.ts';
import { decodeDelta, decodeSegment, encodeDelta, encodeSegment, splitSegments } from './segment.ts';

const findings = madeUpFindings(50, 3).map((finding, i) => ({
  ...finding,
  secret: { ...finding.secret, pairFp: i % 2 === 0 ? 'AAAAAAAAAAAAAAAAAAAAAQ' : null },
}));

describe('segment', () => {
  test.each(['masked', 'fingerprint'] as const)('findings of policy %s come back as they were', (policy) => {
    const columns = columnsOf(findings, policy);
    const dictionaries = decodeDelta(encodeDelta(columns));
    if (!dictionaries.ok) throw new Error('delta');
    const back = [...splitSegments(columns, 16)].flatMap((segment) => {
      const decoded = decodeSegment(encodeSegment(segment), dictionaries.value);
      if (!decoded.ok) throw new Error(decoded.error.reason);
      return [...findingsOf(decoded.value)];
    });
    expect(back).toEqual([...findingsOf(columns)]);
    expect(back).toHaveLength(50);
  });

  test('an empty bundle is one empty segment', () => {
    const columns = columnsOf([], 'masked');
    const dictionaries = decodeDelta(encodeDelta(columns));
    if (!dictionaries.ok) throw new Error('delta');
    expect(decodeSegment(encodeSegment(columns), dictionaries.value)).toMatchObject({ ok: true, value: { rows: 0 } });
  });

  test('damaged bytes are refused or read within bounds, never thrown on', () => {
    const columns = columnsOf(findings.slice(0, 5), 'masked');
    const delta = encodeDelta(columns);
    const segment = encodeSegment(columns);
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.nat(),
        fc.nat(255),
        fc.option(fc.nat(), { nil: null }),
        (inDelta, at, value, cut) => {
          const bytes = (inDelta ? delta : segment).slice();
          bytes[at % bytes.length] = value;
          const damaged = cut === null ? bytes : bytes.slice(0, cut % bytes.length);
          const dictionaries = decodeDelta(inDelta ? damaged : delta);
          if (!dictionaries.ok) return;
          const decoded = decodeSegment(inDelta ? segment : damaged, dictionaries.value);
          if (decoded.ok) expect([...findingsOf(decoded.value)].length).toBe(decoded.value.rows);
          else expect(decoded.error.kind).toBe('bad-segment');
        },
      ),
      { numRuns: 2000 },
    );
    expect(decodeSegment(segment.slice(0, -8), dictionariesOf(delta))).toMatchObject({ error: { reason: 'size' } });
  });

  test('a code outside its dictionary and a level outside its vocabulary are refused', () => {
    const columns = columnsOf(findings.slice(0, 5), 'masked');
    const dictionaries = dictionariesOf(encodeDelta(columns));
    columns.host.codes[2] = 1000;
    expect(decodeSegment(encodeSegment(columns), dictionaries)).toMatchObject({ error: { reason: 'code' } });
    columns.host.codes[2] = 0;
    columns.level[1] = 9;
    expect(decodeSegment(encodeSegment(columns), dictionaries)).toMatchObject({ error: { reason: 'value' } });
  });

  test('a newer version asks for an update instead of being guessed at', () => {
    const columns = columnsOf(findings.slice(0, 5), 'masked');
    const bytes = encodeSegment(columns);
    bytes[4] = 2;
    expect(decodeSegment(bytes, dictionariesOf(encodeDelta(columns)))).toMatchObject({ error: { reason: 'version' } });
  });
});

function dictionariesOf(delta: Uint8Array<ArrayBuffer>) {
  const dictionaries = decodeDelta(delta);
  if (!dictionaries.ok) throw new Error('delta');
  return dictionaries.value;
}
