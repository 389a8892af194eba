/** `parse`: every record of leak material as it was read, without matching and without a home. */
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import type { LoadedRecord } from '@sealpost/shared/opened/ingest/record';
import type { Command } from '../command.ts';
import { Failure } from '../command.ts';
import type { Io } from '../io.ts';
import { readSources } from '../source-files.ts';

const MOST_SOURCES = 10_000;

export const parse: Command = {
  name: 'parse',
  summary: 'print every parsed record, clear secrets included: for checking what a file holds',
  operands: { usage: 'FILES…', least: 1, most: MOST_SOURCES },
  options: {
    json: { type: 'boolean', help: 'one JSON line a record' },
    password: { type: 'string', multiple: true, value: 'TEXT', help: 'tried on encrypted archives' },
  },
  async run(call, io) {
    const sources = await readSources(call.operands, io);
    const isJson = call.flag('json');
    for (const source of sources) {
      const read = await ingestSource(source.files, {
        watch: null,
        nowMs: Date.now(),
        passwords: call.texts('password'),
        onRecords: async (records) => {
          for (const record of records) await (isJson ? io.json(toJson(record)) : printLine(record, io));
        },
      });
      if (!read.ok) throw new Failure('cancelled');
      const { bytesIn, records, bytesIgnored, bytesQuarantined } = read.value.total;
      const rest = `${bytesIgnored} bytes ignored, ${bytesQuarantined} quarantined`;
      io.say(`${source.name}: ${records} records in ${bytesIn} bytes, ${rest}`);
    }
  },
};

function toJson(record: LoadedRecord): Record<string, unknown> {
  const { url, login, password, rawPassword, application, machine, provenance } = record;
  return {
    url,
    login,
    password,
    ...(rawPassword === undefined ? {} : { rawPassword }),
    application,
    family: machine?.family ?? null,
    entry: provenance.entry,
    offset: provenance.offset,
  };
}

function printLine({ url, login, password, rawPassword }: LoadedRecord, io: Io): Promise<void> {
  return io.out([url, login, rawPassword ?? password].join('  '));
}
