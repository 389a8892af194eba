/** `load`: an organisation's own provider's export into its own vault. Nothing of it leaves this device. */
import type { LoadSummary, LoadWriter } from '@sealpost/shared/opened/client/api/loading';
import { hashSource } from '@sealpost/shared/opened/ingest/hash-source';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import { SOURCE_CLASSES } from '@sealpost/shared/opened/finding/finding';
import type { Call, Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { EXPORT_OPTIONS, exportOptions } from '../export-options.ts';
import { withOrganisation } from '../home.ts';
import type { Io } from '../io.ts';
import { percent, readLibarchive, throttled } from '../load-material.ts';
import { parseTime } from '../option-values.ts';
import { sendRecord } from '../send-record.ts';
import type { DiskSource } from '../source-files.ts';
import { readSources } from '../source-files.ts';

const MOST_SOURCES = 1_000;

export const load: Command = {
  name: 'load',
  summary: 'load your own provider’s export, or other material, into this organisation’s vault',
  operands: { usage: 'FILES…', least: 1, most: MOST_SOURCES },
  options: {
    ...HOME_OPTIONS,
    alias: { type: 'string', value: 'TEXT', help: 'name of the source as findings show it (default: the file’s)' },
    'source-class': { type: 'string', value: 'WORD', help: `what it is, if you know: ${SOURCE_CLASSES.join(', ')}` },
    captured: { type: 'string', value: 'DATE', help: 'when it leaked, if the material does not say' },
    password: { type: 'string', multiple: true, value: 'TEXT', help: 'tried on encrypted archives' },
    ...EXPORT_OPTIONS,
  },
  async run(call, io) {
    const sources = await readSources(call.operands, io);
    await withOrganisation(call, io, async (home) => {
      const writer = await home.client.beginLoad();
      const nowMs = home.session.nowMs();
      let read = 0;
      for (const source of sources) if (await readInto(writer, source, nowMs, call, io)) read++;
      if (read === 0) {
        await writer.discard();
        io.say('nothing new: every source was loaded before');
        return;
      }
      const summary = orFail(await writer.commit());
      await sendRecord(home, io);
      await io.json(told(summary, sources.length - read));
    });
  },
};

/** Reads one source to its end; false for one that was loaded before. */
async function readInto(writer: LoadWriter, source: DiskSource, nowMs: number, call: Call, io: Io): Promise<boolean> {
  const word = call.text('source-class');
  const sourceClass = SOURCE_CLASSES.find((known) => known === word) ?? null;
  if (word !== null && sourceClass === null)
    throw new Failure(`--source-class is one of ${SOURCE_CLASSES.join(', ')}`, 2);
  const captured = call.text('captured');
  const { columns, domain } = exportOptions(call);
  const hash = await hashSource(source.files);
  if (!hash.ok) throw new Failure(`${source.name} cannot be read`);
  const begun = await writer.beginSource({
    name: source.name,
    alias: call.text('alias') ?? source.name.slice(0, 200),
    sha256: hash.value,
    sizeBytes: source.sizeBytes,
    sourceClass: sourceClass ?? 'ulp',
    capturedAtMs: captured === null ? null : parseTime('captured', captured),
    publishedAtMs: null,
  });
  if (!begun.ok && begun.error.kind === 'already-done') {
    io.say(`${source.name}: loaded before, nothing changes`);
    return false;
  }
  const { sourceNumber } = orFail(begun);
  const report = throttled(io);
  const result = await ingestSource(source.files, {
    watch: await writer.watch(),
    nowMs,
    passwords: call.texts('password'),
    libarchive: readLibarchive,
    ...(sourceClass === null ? {} : { sourceClass }),
    ...(columns === null ? {} : { columns }),
    ...(domain === null ? {} : { domain }),
    onRecords: (records) => writer.write(sourceNumber, records),
    onProgress: ({ bytesDone, bytesTotal, records }) =>
      report(`${source.name}: ${percent(bytesDone, bytesTotal)}, ${records} records`),
  });
  if (!result.ok) throw new Failure('cancelled');
  const { total, sources, quarantine, status } = result.value;
  await writer.endSource(sourceNumber, { total, sources }, quarantine);
  const forms = [...new Set(sources.flatMap(({ dialect }) => (dialect === null ? [] : [dialect])))];
  io.say(`${source.name}: ${total.records} records, read as ${forms.join(', ') || 'nothing known'}, ${status}`);
  return true;
}

function told({ loadId, records, findings, added, sightings, ledger, sources }: LoadSummary, known: number) {
  const qualities = sources.map(({ name, quality }) => ({ name, quality }));
  return { loadId, records, findings, added, sightings, known, ledger: ledger.total, sources: qualities };
}
