import { expect, it } from 'vitest';
import { auditCsv } from './audit-csv.ts';

it('entries become a table that spreadsheets neither misread nor calculate', () => {
  const row = { index: 7, receivedAtMs: 0, device: '-abc', deviceLabel: null, org: null, seq: 2, kind: 'triage' };
  const bytes = auditCsv([{ ...row, atMs: 1000, details: { operations: 3 } }]);
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  const [, line] = new TextDecoder().decode(bytes).split('\r\n');
  expect(line).toBe(
    `"7","1970-01-01T00:00:00.000Z","'-abc","","2","triage","1970-01-01T00:00:01.000Z","{""operations"":3}"`,
  );
});
