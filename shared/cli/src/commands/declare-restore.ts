/** `declare-restore`: the server was restored from a backup, and its operator says so: the log begins anew where the backup ends. */
import type { Command } from '../command.ts';
import { HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { withHome } from '../home.ts';

export const declareRestore: Command = {
  name: 'declare-restore',
  summary: 'declare that the server was restored from a backup; until then every device alarms',
  operands: { usage: '', least: 0, most: 0 },
  options: HOME_OPTIONS,
  async run(call, io) {
    await withHome(call, io, async (home) => {
      orFail(await home.client.declareRestore());
      const record = await home.client.record();
      io.say(`declared: the log goes on from ${record.size} entries; devices send again what it lost`);
    });
  },
};
