/**
 * The server's data folder of yesterday is put back: every device that has seen more must alarm; once an operator declares the restore,
 * they send again what was lost, and nothing that was ever acknowledged is missing.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startServer } from '@sealpost/server/src/start.ts';
import type { RunningServer } from '@sealpost/server/src/start.ts';
import { parseBase64url, toBase64url } from '@sealpost/shared/base/base64url';
import { parseAuditEntry } from '@sealpost/shared/sealed/audit/entry';
import { DEFAULT_RATES } from '../../../server/src/guard/rate-limit.ts';
import { ignore, makeCert, makeMember, must } from '../../integration/people.ts';
import type { Device } from '../../integration/people.ts';
import { faultLine } from './fault-line.ts';
import type { FaultLine } from './fault-line.ts';

const EVENTS = 7;

/** `rounds` restores of one server. */
export async function oldBackup(rounds: number): Promise<FaultLine> {
  const folder = await mkdtemp(join(tmpdir(), 'sealpost-restore-'));
  const dataDir = join(folder, 'data');
  const backup = join(folder, 'backup');
  let port = 0;
  const start = async (): Promise<RunningServer> => {
    const server = await startServer(
      {
        port,
        host: '127.0.0.1',
        dataDir,
        webRoot: resolve(import.meta.dirname, '../../../web/build'),
        publicOrigins: [],
        appOrigins: [],
        apiOrigin: null,
        setupToken: null,
        witnesses: [],
        databaseUrl: null,
        s3: null,
        metrics: null,
        logLevel: 'warn',
        retainAccessDays: 90,
        retainBundleDays: null,
        retainRequestDays: null,
      },
      { rates: { ...DEFAULT_RATES, byAddress: { burst: 100_000, perHour: 1_000_000 } } },
    );
    port = server.port;
    return server;
  };
  let server = await start();
  let [attacks, undetected, acked, lost, gaps] = [0, 0, 0, 0, 0];
  try {
    const cert = await makeCert(`http://localhost:${port}`);
    const { device: member } = await makeMember(cert, 'Watched Office', 'watched.example');
    const devices = [cert, member];
    for (let round = 0; round < rounds; round++) {
      await server.stop();
      await rm(backup, { recursive: true, force: true });
      await cp(dataDir, backup, { recursive: true });
      server = await start();
      for (const device of devices) await work(device);
      await server.stop();
      await rm(dataDir, { recursive: true });
      await cp(backup, dataDir, { recursive: true });
      server = await start();

      for (const device of devices) {
        attacks += 1;
        const proved = await device.client.sync(ignore);
        if (proved.ok || proved.error.kind !== 'forged' || proved.error.what !== 'log') undetected += 1;
      }
      must(await cert.client.declareRestore());
      for (const device of devices) {
        must(await device.client.sync(ignore));
        const own = must(await device.client.proveOwnEntries(ignore));
        acked += own.entries;
      }
      const before = await leavesOf(devices);
      const report = must(await cert.client.audit({ device: null, kind: null, limit: 1_000_000 }));
      gaps += report.devices.reduce((sum, device) => sum + device.gaps + device.forks, 0);
      const there = new Set(report.rows.map(({ device, seq }) => `${device}/${seq}`));
      lost += [...before].filter((name) => !there.has(name)).length;
    }
    return faultLine('old_backup', rounds, { acked, lost, gaps, attacks, undetected });
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function work(device: Device): Promise<void> {
  for (let i = 0; i < EVENTS; i++) {
    must(await device.opened.session.audit.recordAlone({ kind: 'heartbeat', operations: i }));
  }
  must(await device.client.sync(ignore));
}

/** `device/seq` of every entry that was acknowledged. */
async function leavesOf(devices: readonly Device[]): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const device of devices) {
    for (const { entry } of must(await device.opened.session.audit.uploaded())) {
      const parsed = parseAuditEntry(parseBase64url(entry) ?? new Uint8Array());
      if (!parsed.ok) throw new Error('a kept entry does not parse');
      names.add(`${toBase64url(parsed.value.bytes.subarray(4, 36))}/${parsed.value.seq}`);
    }
  }
  return names;
}
