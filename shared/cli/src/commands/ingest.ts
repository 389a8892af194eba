/** `ingest`: leak material to a folder of drafts, matched against all listed organisations or against a watch file. */
import { SOURCE_CLASSES } from '@sealpost/shared/opened/finding/finding';
import type { Call, Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { EXPORT_OPTIONS, exportOptions } from '../export-options.ts';
import { withOperator } from '../home.ts';
import { ingestAtHome } from '../ingest-home.ts';
import { ingestWatched } from '../ingest-watched.ts';
import type { MaterialOptions } from '../load-material.ts';
import { parseTime } from '../option-values.ts';

const MOST_SOURCES = 10_000;
const MIB = 2 ** 20;

export const ingest: Command = {
  name: 'ingest',
  summary: 'load leak material: files, folders, zips, or - for standard input',
  operands: { usage: 'FILES…', least: 1, most: MOST_SOURCES },
  options: {
    ...HOME_OPTIONS,
    home: { type: 'string', value: 'DIR', help: 'home of the CERT: match against all listed organisations' },
    watch: {
      type: 'string',
      value: 'FILE',
      help: 'match against a watch.json instead; such drafts cannot be published',
    },
    out: { type: 'string', required: true, value: 'DIR', help: 'folder for the drafts' },
    name: { type: 'string', value: 'TEXT', help: 'name of standard input as a source (stdin if left out)' },
    alias: { type: 'string', value: 'TEXT', help: 'what organisations see instead of the source’s name' },
    'source-class': { type: 'string', value: 'WORD', help: `what it is, if you know: ${SOURCE_CLASSES.join(', ')}` },
    captured: { type: 'string', value: 'DATE', help: 'when it leaked, if the material does not say' },
    'checkpoint-mib': { type: 'string', value: 'N', help: 'a checkpoint after so many MiB (64 if left out)' },
    'accept-quarantined': {
      type: 'boolean',
      help: 'keep the load although more than 5 % of what looked like records could not be read; goes on record',
    },
    password: { type: 'string', multiple: true, value: 'TEXT', help: 'tried on encrypted archives' },
    ...EXPORT_OPTIONS,
  },
  async run(call, io) {
    const hasHome = call.text('home') !== null;
    if (hasHome === (call.text('watch') !== null)) throw new Failure('give either --home or --watch', 2);
    const told = toldBy(call, Date.now());
    if (hasHome) await withOperator(call, io, (home) => ingestAtHome(call, io, home, told));
    else await ingestWatched(call, io, told);
  },
};

function toldBy(call: Call, nowMs: number): MaterialOptions {
  const sourceClass = call.text('source-class');
  const known = SOURCE_CLASSES.find((word) => word === sourceClass) ?? null;
  if (sourceClass !== null && known === null) {
    throw new Failure(`--source-class is one of ${SOURCE_CLASSES.join(', ')}`, 2);
  }
  const captured = call.text('captured');
  const alias = call.text('alias') ?? `material ${new Date(nowMs).toISOString().slice(0, 10)}`;
  if (alias.trim() === '' || alias.length > 200) throw new Failure('--alias has 1 to 200 characters', 2);
  const mebibytes = Number(call.text('checkpoint-mib') ?? 64);
  if (!Number.isInteger(mebibytes) || mebibytes < 1) throw new Failure('--checkpoint-mib is a whole number', 2);
  return {
    checkpointBytes: mebibytes * MIB,
    sourceClass: known,
    alias,
    capturedAtMs: captured === null ? null : parseTime('captured', captured),
    passwords: call.texts('password'),
    ...exportOptions(call),
  };
}
