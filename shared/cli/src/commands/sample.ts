/** `sample`: seeded made-up leak material, with what must be found in it. */
import { SAMPLE_KINDS, sampleChunks } from '@sealpost/shared/opened/sample/sample';
import type { SampleKind } from '@sealpost/shared/opened/sample/sample';
import { parseDomainName } from '@sealpost/shared/base/domain-name';
import type { Command } from '../command.ts';
import { Failure } from '../command.ts';
import { parseCount, parseList } from '../option-values.ts';
import { PrivateFile } from '../private-file.ts';

const MAX_RECORDS = 1_000_000_000;

export const sample: Command = {
  name: 'sample',
  summary: 'write made-up leak material; prints one JSON line with what must be found in it',
  operands: { usage: '', least: 0, most: 0 },
  options: {
    kind: { type: 'string', required: true, value: 'KIND', help: 'combo, ulp or stealer (a zip)' },
    records: { type: 'string', required: true, value: 'N', help: 'lines, or credential blocks' },
    seed: { type: 'string', value: 'N', help: 'the same seed gives the same bytes (default 1)' },
    domains: { type: 'string', required: true, value: 'D,D', help: 'domains that a share of the records concerns' },
    out: { type: 'string', required: true, value: 'FILE', help: 'where to write it' },
  },
  async run(call, io) {
    const kind = call.must('kind') as SampleKind;
    if (!SAMPLE_KINDS.includes(kind)) throw new Failure(`--kind is one of ${SAMPLE_KINDS.join(', ')}`, 2);
    const domains = parseList(call.must('domains'));
    const bad = domains.find((domain) => parseDomainName(domain) === null);
    if (bad !== undefined) throw new Failure(`--domains: "${bad}" is no domain name`, 2);
    if (domains.length === 0) throw new Failure('--domains is empty', 2);
    const records = parseCount('records', call.must('records'), MAX_RECORDS);
    const seed = parseCount('seed', call.text('seed') ?? '1', 0xffff_ffff);
    const file = await PrivateFile.create(io.path(call.must('out')));
    const chunks = sampleChunks({ kind, records, seed, domains });
    for (;;) {
      const step = chunks.next();
      if (step.done === true) {
        await file.commit();
        await io.json(step.value);
        return;
      }
      await file.write(step.value);
    }
  },
};
