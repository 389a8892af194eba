/** `invite`: prints a single-use invitation for one listed organisation. */
import type { Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { findOrganisation } from '../find-organisation.ts';
import { withOperator } from '../home.ts';
import { parseCount } from '../option-values.ts';
import { parseOrigin } from '../origin.ts';

export const invite: Command = {
  name: 'invite',
  summary: 'print an invitation for a listed organisation: single use, expiring',
  operands: { usage: '', least: 0, most: 0 },
  options: {
    ...HOME_OPTIONS,
    org: { type: 'string', required: true, value: 'NAME', help: 'name or id of the organisation' },
    days: { type: 'string', value: 'N', help: 'how long it holds, 1 to 90 (default 14)' },
    app: { type: 'string', value: 'URL', help: 'where the app is served, if not by the server' },
  },
  async run(call, io) {
    const days = parseCount('days', call.text('days') ?? '14', 90);
    const app = call.text('app');
    await withOperator(call, io, async ({ client, session }) => {
      const { listId, nameEn } = findOrganisation(await client.organisations(), call.must('org'));
      const origin = app === null ? session.identity.origin : parseOrigin(app);
      const [invitation] = orFail(await client.invite([listId], days, origin));
      if (invitation === undefined) throw new Failure('no invitation was made');
      const until = new Date(invitation.expiresAtMs).toISOString();
      io.say(`Invitation for ${nameEn}, to be used once before ${until}: hand it over by a way only they read.`);
      await io.out(invitation.link);
    });
  },
};
