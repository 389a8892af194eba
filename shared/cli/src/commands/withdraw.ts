/** `withdraw` and `bundles`: what was published, and taking it back (DOMAIN rule 13). */
import { WITHDRAW_CODES } from '@sealpost/shared/opened/client/api/publishing';
import { fetchDeliveries } from '@sealpost/shared/opened/client/published';
import type { Command } from '../command.ts';
import { HOME_OPTIONS } from '../command.ts';
import { errorText, orFail } from '../error-text.ts';
import { withOperator } from '../home.ts';
import { parseWord } from '../option-values.ts';
import { sendRecord } from '../send-record.ts';

export const withdraw: Command = {
  name: 'withdraw',
  summary: 'withdraw a published bundle; says whether somebody fetched it before',
  operands: { usage: 'ID', least: 1, most: 1 },
  options: {
    ...HOME_OPTIONS,
    code: { type: 'string', value: 'WORD', help: `why: ${WITHDRAW_CODES.join(', ')} (default wrong_recipient)` },
  },
  async run(call, io) {
    const id = call.operands[0] as string;
    const code = parseWord('code', call.text('code'), WITHDRAW_CODES, 'wrong_recipient');
    await withOperator(call, io, async (home) => {
      orFail(await fetchDeliveries(home.session));
      const { fetched } = orFail(await home.client.withdraw(id, code));
      await sendRecord(home, io);
      if (fetched)
        io.say('It was fetched before: its findings are hidden there, what was copied cannot be called back.');
      await io.json({ id, withdrawn: code, fetched });
    });
  },
};

export const bundles: Command = {
  name: 'bundles',
  summary: 'list published bundles, and who has not fetched what',
  operands: { usage: '', least: 0, most: 0 },
  options: { ...HOME_OPTIONS, json: { type: 'boolean', help: 'one JSON line a bundle' } },
  async run(call, io) {
    await withOperator(call, io, async ({ client, session }) => {
      const asked = await fetchDeliveries(session);
      if (!asked.ok) io.say(`who fetched what is not known now: ${errorText(asked.error)}`);
      const nameById = new Map((await client.organisations()).map(({ listId, nameEn }) => [listId, nameEn]));
      for (const bundle of await client.published()) {
        const name = nameById.get(bundle.listId) ?? '';
        const { bundleId, state, findings, fetchedAtMs, publishedAtMs, expiredAtMs } = bundle;
        const published = new Date(publishedAtMs).toISOString();
        const fetched = fetchedAtMs === null ? 'not fetched' : `fetched ${new Date(fetchedAtMs).toISOString()}`;
        const expired = expiredAtMs === null ? '' : `  expired ${new Date(expiredAtMs).toISOString()}`;
        if (call.flag('json')) await io.json({ id: bundleId, name, ...bundle });
        else await io.out(`${bundleId}  ${state}  ${findings} findings  ${name}  ${published}  ${fetched}${expired}`);
      }
    });
  },
};
