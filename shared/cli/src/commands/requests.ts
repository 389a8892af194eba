/** `requests`: access requests that wait for a decision. Their digits are nowhere in it: the approver types them. */
import { fetchRequests } from '@sealpost/shared/opened/client/requests';
import type { Command } from '../command.ts';
import { HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { withOperator } from '../home.ts';

export const requests: Command = {
  name: 'requests',
  summary: 'fetch and list access requests',
  operands: { usage: '', least: 0, most: 0 },
  options: {
    ...HOME_OPTIONS,
    json: { type: 'boolean', help: 'one JSON line a request' },
    all: { type: 'boolean', help: 'decided ones, too' },
  },
  async run(call, io) {
    await withOperator(call, io, async ({ client, session }) => {
      orFail(await session.directory.refresh());
      const { bad } = orFail(await fetchRequests(session));
      if (bad > 0) io.say(`${bad} requests could not be opened or do not hold: left aside`);
      const organisations = new Map((await client.organisations()).map((one) => [one.listId, one.nameEn]));
      for (const { id, form, state, receivedAtMs, withInvitation, candidates } of await client.requests()) {
        if (state !== 'open' && !call.flag('all')) continue;
        const { nameEn, nameTh, domains, contact, channel, scope, notice } = form;
        if (call.flag('json')) {
          await io.json({
            id,
            name: nameEn,
            nameTh,
            domains,
            state,
            receivedAt: new Date(receivedAtMs).toISOString(),
            withInvitation,
            contact,
            channel,
            scope,
            notice,
            candidates: candidates.map((one) => ({ ...one, name: organisations.get(one.listId) ?? null })),
          });
        } else await io.out(`${id}  ${state}  ${nameEn}  (${domains.join(' ')})  ${contact.name} <${contact.email}>`);
      }
    });
  },
};
