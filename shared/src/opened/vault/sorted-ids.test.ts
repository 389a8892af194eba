import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareBytes, concatBytes } from '../../base/bytes.ts';
import type { Bytes } from '../../base/bytes.ts';
import { idOrder, placeOfId } from './sorted-ids.ts';

/** Few first bytes, so that ids with equal beginnings are common. */
const id = fc
  .tuple(fc.constantFrom(0, 1, 255), fc.nat(2), fc.uint8Array({ minLength: 14, maxLength: 14 }))
  .map(([a, b, rest]): Bytes =>
    concatBytes(
      new Uint8Array([a, b]),
      rest.map((byte, i) => (i < 8 ? byte & 1 : byte)),
    ),
  );

test('ids are in the order of their bytes, and found where they are', () => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 200 }), id, (ids, other) => {
      const order = [...idOrder(concatBytes(...ids))];
      const sorted = order.map((number) => ids[number] as Bytes);
      expect(sorted).toEqual(ids.toSorted(compareBytes));
      expect(new Set(order).size).toBe(ids.length);
      const bytes = concatBytes(...sorted);
      for (const one of sorted) expect(compareBytes(sorted[placeOfId(bytes, one)] as Bytes, one)).toBe(0);
      expect(placeOfId(bytes, other) >= 0).toBe(ids.some((one) => compareBytes(one, other) === 0));
    }),
    { numRuns: 300 },
  );
});
