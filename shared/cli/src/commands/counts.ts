/** `prove-counts`: what a bundle held, as the operator's signed list committed to it. `check-counts`: such a file, checked. */
import { readFile } from 'node:fs/promises';
import { verifyCountsProof } from '@sealpost/shared/sealed/mailbox/counts-proof';
import type { CountsProofError } from '@sealpost/shared/sealed/mailbox/counts-proof';
import { keyOf } from '@sealpost/shared/sealed/directory/roles';
import type { Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { withHome, withOperator } from '../home.ts';
import { mirrorDirectory } from '../log-mirror.ts';
import { writePrivate } from '../private-file.ts';

export const proveCounts: Command = {
  name: 'prove-counts',
  summary: 'save the proof of how many findings a bundle held, by source alias; it names none of them',
  operands: { usage: 'ID', least: 1, most: 1 },
  options: { ...HOME_OPTIONS, out: { type: 'string', required: true, value: 'FILE', help: 'where to write it' } },
  async run(call, io) {
    await withOperator(call, io, async ({ client }) => {
      const { bytes } = orFail(await client.countsProof(call.operands[0] ?? ''));
      await writePrivate(io.path(call.must('out')), bytes);
    });
    io.say('saved: the signed list, and the numbers that it committed to');
  },
};

export const checkCounts: Command = {
  name: 'check-counts',
  summary: 'check a file of prove-counts: an operator’s signed list committed to these numbers',
  operands: { usage: 'FILE', least: 1, most: 1 },
  options: {
    home: { ...HOME_OPTIONS.home, required: false },
    'passphrase-file': HOME_OPTIONS['passphrase-file'],
    copy: {
      type: 'string',
      value: 'DIR',
      help: 'a copy of the log (verify-log --mirror), whose statements name the keys',
    },
  },
  async run(call, io) {
    const text = await readFile(io.path(call.operands[0] ?? ''), 'utf8').catch(() => {
      throw new Failure(`${call.operands[0] ?? ''} cannot be read`);
    });
    const copy = call.text('copy');
    if (copy === null && call.text('home') === null) throw new Failure('name the keys: --home or --copy', 2);
    const directory =
      copy === null
        ? await withHome(call, io, ({ session }) => Promise.resolve(session.directory.current))
        : await mirrorDirectory(io.path(copy));
    const proved = await verifyCountsProof(text, (kid) => {
      const key = keyOf(directory, kid);
      return key?.org === 'cert' ? key.publicKey : null;
    });
    if (!proved.ok) throw new Failure(`the proof does not hold: ${REASONS[proved.error.kind]}`);
    const { bundle, signer, atSeconds, findings, sources } = proved.value;
    await io.json({ bundle, signer, listed: new Date(atSeconds * 1000).toISOString(), findings, sources });
    io.say('the list that this operator signed committed to these numbers');
  },
};

const REASONS: Readonly<Record<CountsProofError['kind'], string>> = {
  malformed: 'this is no file of prove-counts',
  signature: 'its list is not signed by an operator of this CERT',
  'not-listed': 'its list does not hold this bundle with numbers',
  counts: 'its list committed to other numbers',
};
