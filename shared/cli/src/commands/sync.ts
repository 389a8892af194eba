/** `sync`: everything this home has to exchange, once: directory, outbox, requests, mailbox, audit entries. */
import type { Command } from '../command.ts';
import { HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { withHome } from '../home.ts';

export const sync: Command = {
  name: 'sync',
  summary: 'exchange whatever waits, in both directions',
  operands: { usage: '', least: 0, most: 0 },
  options: HOME_OPTIONS,
  async run(call, io) {
    await withHome(call, io, async ({ client }) => {
      const summary = orFail(
        await client.sync(({ stage, doneBytes, totalBytes }) =>
          io.progress(totalBytes === 0 ? stage : `${stage}: ${doneBytes} of ${totalBytes} bytes`),
        ),
      );
      for (const warning of summary.warnings) io.say(`warning: ${warning}`);
      await io.json(summary);
    });
  },
};
