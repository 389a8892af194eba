/** `npm run -s faults -- [name] [--rounds N]`: makes things go wrong, many times, and prints one JSON line for each fault. */
import { parseArgs } from 'node:util';
import { bitFlips } from './record/bit-flips.ts';
import { canTrace, durabilityOrder } from './record/durability-order.ts';
import { evilServer } from './record/evil-server.ts';
import type { FaultLine } from './record/fault-line.ts';
import { kill9 } from './record/kill9.ts';
import { mutants } from './record/mutants.ts';
import { oldBackup } from './record/old-backup.ts';
import { retryStorm } from './record/retry-storm.ts';
import { resume } from './line/resume.ts';
import { slowNetwork } from './line/slow-network.ts';
import { clock } from './record/clock.ts';
import { sigterm } from './record/sigterm.ts';
import { diskFull, doubleStorageError, fsyncError } from './record/storage-errors.ts';
import { postgres, s3 } from '../scale/storage-faults.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** With the rounds that are run if none are asked for. */
const FAULTS: Readonly<Record<string, readonly [number, (rounds: number) => Promise<FaultLine>]>> = {
  kill9: [200, kill9],
  durability_order: [1000, durabilityOrder],
  disk_full: [60, diskFull],
  fsync_error: [40, fsyncError],
  double_storage_error: [60, doubleStorageError],
  bit_flips: [500, bitFlips],
  old_backup: [10, oldBackup],
  evil_server: [3, (rounds) => evilServer(rounds, say)],
  retry_storm: [100, retryStorm],
  slow_network: [3, slowNetwork],
  resume: [100, resume],
  clock: [5, clock],
  sigterm: [20, sigterm],
  postgres: [24, postgres],
  s3: [40, s3],
  mutants: [1, (rounds) => mutants(rounds, canTrace(), say)],
};

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string' } },
  allowPositionals: true,
});
const rounds = values.rounds === undefined ? null : Number(values.rounds);
const names = positionals.length === 0 ? Object.keys(FAULTS) : positionals;
const unknown = names.filter((name) => FAULTS[name] === undefined);
if (unknown.length > 0 || (rounds !== null && !(Number.isSafeInteger(rounds) && rounds > 0))) {
  say(`usage: npm run -s faults -- [${Object.keys(FAULTS).join(' | ')}] [--rounds N]`);
  process.exit(2);
}
let isBad = false;
for (const name of names) {
  if (name === 'durability_order' && !canTrace()) {
    say('durability_order needs strace, and leave to trace: apt-get install strace');
    isBad = true;
    continue;
  }
  const [usual, run] = FAULTS[name] as NonNullable<(typeof FAULTS)[string]>;
  const line = await run(rounds ?? usual);
  process.stdout.write(`${JSON.stringify(line)}\n`);
  isBad ||= line.lost + line.gaps + line.torn + line.undetected > 0;
}
process.exit(isBad ? 1 : 0);
