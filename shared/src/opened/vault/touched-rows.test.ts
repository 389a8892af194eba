import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_PLACE, TouchedRows } from './touched-rows.ts';

const rows = fc.array(fc.oneof(fc.nat(40), fc.nat(0xfffffffe)), { maxLength: 2000 });

describe('touched rows', () => {
  test('are numbered in the order in which they first came, and nothing else is found', () => {
    fc.assert(
      fc.property(
        fc.array(rows, { maxLength: 4 }),
        fc.array(fc.nat(0xfffffffe), { maxLength: 20 }),
        (parts, others) => {
          const touched = new TouchedRows();
          const known = new Map<number, number>();
          for (const part of parts) {
            const places = part.map((row) => known.get(row) ?? known.set(row, known.size).size - 1);
            expect([...touched.add(Uint32Array.from(part))]).toEqual(places);
          }
          expect([...touched.rows]).toEqual([...known.keys()]);
          for (const row of [...known.keys(), ...others]) expect(touched.find(row)).toBe(known.get(row) ?? -1);
          const found = others.map((row) => known.get(row) ?? NO_PLACE);
          expect([...touched.findAll(Uint32Array.from(others))]).toEqual(found);
          touched.clear();
          for (const row of [...known.keys(), ...others]) expect(touched.find(row)).toBe(-1);
          expect([...touched.add(Uint32Array.from(others))].slice(0, 1)).toEqual(others.slice(0, 1).map(() => 0));
        },
      ),
      { numRuns: 50 },
    );
  });
});
