/** `reveal`: shows one clear secret, with a reason, on record before it is shown (DOMAIN rule 2). */
import { parseBase64url } from '@sealpost/shared/base/base64url';
import { REVEAL_REASONS } from '@sealpost/shared/opened/client/api/organisation';
import type { FindingId } from '@sealpost/shared/opened/finding/finding';
import type { Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { withOrganisation } from '../home.ts';
import { parseWord } from '../option-values.ts';
import { sendRecord } from '../send-record.ts';

export const reveal: Command = {
  name: 'reveal',
  summary: 'show the clear secret of one finding (policy sealed); audited',
  operands: { usage: 'ID', least: 1, most: 1 },
  options: {
    ...HOME_OPTIONS,
    reason: { type: 'string', required: true, value: 'WORD', help: `one of ${REVEAL_REASONS.join(', ')}` },
  },
  async run(call, io) {
    const id = call.operands[0] as string;
    const reason = parseWord('reason', call.text('reason'), REVEAL_REASONS, 'other');
    if (parseBase64url(id, 16) === null) throw new Failure('that is no finding’s id', 2);
    await withOrganisation(call, io, async (home) => {
      const detail = await home.findings.detail(id as FindingId);
      if (!detail.ok || !detail.value.hasSecret) throw new Failure('no clear secret of this finding is here');
      const { secret } = orFail(await home.client.reveal(id as FindingId, reason));
      await sendRecord(home, io);
      await io.json({ id, secret });
    });
  },
};
