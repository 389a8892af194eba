import { expect, it } from 'vitest';
import type { AuditRow } from './api/record.ts';
import { Erasures } from './erasures.ts';

/** What a log with these rows leaves unexplained. */
function unexplained(...rows: readonly (Partial<AuditRow> & Pick<AuditRow, 'kind'>)[]) {
  const erasures = new Erasures();
  const frame = { receivedAtMs: 0, device: 'd', deviceLabel: null, org: null, seq: 1, atMs: null, details: {} };
  rows.forEach((row, index) => erasures.add({ ...frame, index, ...row }));
  return erasures.unexplained();
}
const kept = { kind: 'start' };
const erased = { kind: 'erased' };
const access = (count: number, first: number, last: number) => ({
  kind: 'retention_delete',
  details: { cause: 'access', count, first, last },
});
const file = { kind: 'retention_delete', details: { cause: 'bundle', count: 1, blob: 'AAAAAAAAAAAAAAAAAAAAAA' } };
const deliveries = { kind: 'retention_delete', details: { cause: 'delivery', count: 9 } };
const before = (count: number) => ({ kind: 'retention_delete', details: { count } });

it('payloads that the server says it erased are explained, however many runs there are', () => {
  expect(unexplained(kept, file)).toBeNull();
  expect(unexplained(erased, kept, erased, access(2, 0, 2))).toBeNull();
  expect(unexplained(erased, erased, access(1, 1, 1), access(1, 0, 0))).toBeNull();
  expect(unexplained(erased, kept, before(1))).toBeNull();
});

it('one that lies outside what it names, one too many, and one that only the deletion of a file stands against is not', () => {
  expect(unexplained(erased, kept, erased, access(2, 0, 1))).toEqual({ erased: 2, deletions: 2 });
  expect(unexplained(erased, erased, access(1, 0, 1))).toEqual({ erased: 2, deletions: 1 });
  expect(unexplained(erased, file)).toEqual({ erased: 1, deletions: 0 });
  expect(unexplained(erased, deliveries)).toEqual({ erased: 1, deletions: 0 });
  expect(unexplained(erased, erased, access(1, 0, 0), access(1, 0, 0))).not.toBeNull();
});

it('a payload of a device is never erased by the server, whatever it says', () => {
  expect(unexplained({ ...erased, org: 'an organisation' }, access(1, 0, 0))).not.toBeNull();
});
