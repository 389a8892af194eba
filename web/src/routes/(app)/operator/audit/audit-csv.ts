/** Entries as a table for other programs: ids and times as they are, not as they are shown. No cell can begin like a formula. */
import type { AuditRow } from '@sealpost/shared/opened/client/api/record';

const HEADER = ['index', 'received', 'device', 'organisation', 'seq', 'kind', 'at', 'details'];

/** UTF-8 with a byte order mark, so that spreadsheets read it right. */
export function auditCsv(rows: readonly AuditRow[]): Uint8Array<ArrayBuffer> {
  const lines = rows.map((row) => [
    String(row.index),
    isoOf(row.receivedAtMs),
    row.device,
    row.org ?? '',
    String(row.seq),
    row.kind,
    row.atMs === null ? '' : isoOf(row.atMs),
    JSON.stringify(row.details),
  ]);
  const text = [HEADER, ...lines].map((cells) => cells.map(cellOf).join(',')).join('\r\n');
  return new TextEncoder().encode(`\uFEFF${text}\r\n`);
}

/** Ids are base64url and may begin with a minus: spreadsheets would count with them. */
function cellOf(text: string): string {
  return `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
