/** `loads`: what was loaded and what waits to go on; gives one up. */
import { readLoads, discardLoad } from '@sealpost/shared/opened/client/load';
import { readUnfinished } from '@sealpost/shared/opened/client/load-journal';
import type { Command } from '../command.ts';
import { HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { withOperator } from '../home.ts';

export const loads: Command = {
  name: 'loads',
  summary: 'list loads and unfinished ones; discard one',
  operands: { usage: '', least: 0, most: 0 },
  options: {
    ...HOME_OPTIONS,
    discard: {
      type: 'string',
      value: 'ID',
      help: 'forget a load, so that its sources may be loaded again; an unfinished one with its checkpoint',
    },
  },
  async run(call, io) {
    await withOperator(call, io, async ({ session }) => {
      const discarded = call.text('discard');
      if (discarded !== null) {
        orFail(await discardLoad(session.store, discarded));
        io.say(`${discarded}: discarded`);
        return;
      }
      for (const { loadId, begunAtMs, folder, records, sources } of orFail(await readUnfinished(session.store))) {
        const names = sources.map(({ source: { name }, isRead, bytesDone, bytesTotal }) => ({
          ...{ name, isRead, bytesDone, bytesTotal },
        }));
        await io.json({ load: loadId, unfinished: true, begunAtMs, folder, records, sources: names });
      }
      for (const { summary, folder } of orFail(await readLoads(session.store))) {
        const { loadId, loadedAtMs, records, findings, sources } = summary;
        const names = sources.map(({ name, alias, sizeBytes }) => ({ name, alias, sizeBytes }));
        const place = folder?.path ?? null;
        await io.json({
          load: loadId,
          unfinished: false,
          loadedAtMs,
          folder: place,
          records,
          findings,
          sources: names,
        });
      }
    });
  },
};
