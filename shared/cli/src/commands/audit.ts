/** `audit`: the log as its reader may see it: every entry checked against its signer's chain. */
import { writeFile } from 'node:fs/promises';
import type { AuditDevice, AuditRow } from '@sealpost/shared/opened/client/api/record';
import type { Command } from '../command.ts';
import { HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { withHome } from '../home.ts';
import { parseCount } from '../option-values.ts';
import { sendRecord } from '../send-record.ts';

const MOST_ROWS = 10_000_000;

export const audit: Command = {
  name: 'audit',
  summary: 'read and check the audit log; an organisation reads the record of its own device',
  operands: { usage: '', least: 0, most: 0 },
  options: {
    ...HOME_OPTIONS,
    json: { type: 'boolean', help: 'one JSON line an entry, oldest first' },
    devices: { type: 'boolean', help: 'one line a device instead: entries, gaps, forks' },
    kind: { type: 'string', value: 'WORD', help: 'only entries of this kind' },
    device: { type: 'string', value: 'ID', help: 'only entries of this device' },
    proof: { type: 'string', value: 'N', help: 'save entry N with its proof as a file that check-proof takes' },
    limit: { type: 'string', value: 'N', help: 'the newest N entries (default: all)' },
  },
  async run(call, io) {
    const limit = parseCount('limit', call.text('limit') ?? String(MOST_ROWS), MOST_ROWS);
    await withHome(call, io, async (home) => {
      await sendRecord(home, io);
      const proof = call.text('proof');
      if (proof !== null) {
        const file = orFail(await home.client.entryProof(parseCount('proof', proof, Number.MAX_SAFE_INTEGER)));
        await writeFile(io.path(file.name), file.bytes);
        await io.json({ file: io.path(file.name) });
        return;
      }
      const filter = { device: call.text('device'), kind: call.text('kind'), limit };
      const { rows, devices, total } = home.session.isOperator
        ? orFail(await home.client.audit(filter))
        : { rows: await home.client.ownAudit(limit), devices: [], total: 0 };
      for (const device of devices) {
        if (device.gaps + device.forks > 0)
          io.say(`device ${device.device}: ${device.gaps} gaps, ${device.forks} forks`);
      }
      const isJson = call.flag('json');
      if (call.flag('devices')) {
        for (const device of devices) await (isJson ? io.json(device) : io.out(deviceLine(device)));
      } else {
        for (const row of [...rows].reverse()) await (isJson ? io.json(toJson(row)) : io.out(rowLine(row)));
      }
      if (home.session.isOperator) io.say(`${total} entries, all signatures hold`);
    });
  },
};

function toJson({ receivedAtMs, atMs, ...row }: AuditRow): Record<string, unknown> {
  return { ...row, receivedAt: iso(receivedAtMs), at: atMs === null ? null : iso(atMs) };
}

function rowLine({ index, receivedAtMs, device, deviceLabel, seq, kind, details }: AuditRow): string {
  const told = Object.entries(details).map(([name, value]) => `${name}=${value}`);
  const place = index < 0 ? 'waiting' : String(index);
  return [place, iso(receivedAtMs), deviceLabel ?? device, String(seq), kind, ...told].join('  ');
}

function deviceLine({ device, label, entries, lastSeq, gaps, forks, lastAtMs }: AuditDevice): string {
  const counts = `${entries} entries to number ${lastSeq}, ${gaps} gaps, ${forks} forks`;
  return `${label ?? device}  ${counts}, last ${iso(lastAtMs)}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
