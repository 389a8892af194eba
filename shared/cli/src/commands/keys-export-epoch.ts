/** `keys export-epoch`: the private keys of own epochs for the `age` program. Whoever has the file reads the bundles. */
import { readEpochs } from '@sealpost/shared/opened/client/identity';
import type { Command } from '../command.ts';
import { HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { withHome } from '../home.ts';
import { writePrivate } from '../private-file.ts';
import { sendRecord } from '../send-record.ts';

export const keysExportEpoch: Command = {
  name: 'keys export-epoch',
  summary: 'write the epochs’ private keys as an identity file for the age program; audited',
  operands: { usage: '', least: 0, most: 0 },
  options: {
    ...HOME_OPTIONS,
    out: { type: 'string', required: true, value: 'FILE', help: 'where to write it' },
    secrets: { type: 'boolean', help: 'with the keys of clear secrets, which `read` alone does not open' },
  },
  async run(call, io) {
    await withHome(call, io, async (home) => {
      const { session } = home;
      const epochs = orFail(await readEpochs(session.store));
      const lines = epochs.flatMap(({ n, read, secrets }) => [
        `# epoch ${n}, read: ${read.recipient}`,
        read.secret,
        ...(call.flag('secrets') ? [`# epoch ${n}, secrets: ${secrets.recipient}`, secrets.secret] : []),
      ]);
      // On record first: a full disk hides the keys, not the event.
      orFail(await session.audit.recordAlone({ kind: 'export', format: 'epoch-key', findings: 0 }));
      const path = io.path(call.must('out'));
      await writePrivate(path, `${lines.join('\n')}\n`);
      await sendRecord(home, io);
      io.say(
        'Open a bundle by hand: age -d -i EPOCH-FILE BUNDLE.age | tail -n +3 | gunzip. Delete the file afterwards.',
      );
      await io.json({ file: path, epochs: epochs.map(({ n }) => n) });
    });
  },
};
