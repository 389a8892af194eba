/** `open`: reads one sealed file by hand, checked like any other. Files of clear secrets are not opened whole. */
import { readFile } from 'node:fs/promises';
import { fromUtf8 } from '@sealpost/shared/base/bytes';
import { findingsOf } from '@sealpost/shared/opened/bundle/row';
import { unpackBundle } from '@sealpost/shared/opened/bundle/unpack';
import { openListed } from '@sealpost/shared/opened/client/open-listed';
import { findingToLine } from '@sealpost/shared/opened/finding/finding-json';
import type { OrgId } from '@sealpost/shared/sealed/directory/fields';
import type { Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { withOrganisation } from '../home.ts';
import { sendRecord } from '../send-record.ts';

export const open: Command = {
  name: 'open',
  summary: 'open one sealed file (pull --keep) and print what is in it',
  operands: { usage: 'FILE.age', least: 1, most: 1 },
  options: HOME_OPTIONS,
  async run(call, io) {
    const name = call.operands[0] as string;
    const sealed = await readFile(io.path(name)).catch(() => {
      throw new Failure(`${name} cannot be read`);
    });
    await withOrganisation(call, io, async (home) => {
      const { session } = home;
      const opened = await openListed(session, session.identity.org as OrgId, new Uint8Array(sealed), null);
      if (!opened.ok && opened.error.kind === 'forged') {
        const { code } = opened.error;
        throw new Failure(
          code === 'not-for-us'
            ? `${name} is not sealed to this home`
            : `${name} is refused: it does not hold (${code})`,
        );
      }
      const { claims, content } = orFail(opened);
      if (!session.store.has('envelopes', `done/${claims.id}`)) io.say(`${name} was never listed in this mailbox`);
      if (claims.kind === 'secrets') {
        throw new Failure('this file holds clear secrets: they are shown one by one with `reveal`');
      }
      if (claims.kind !== 'bundle') {
        await io.json({ kind: claims.kind, content: JSON.parse(fromUtf8(content) ?? 'null') as unknown });
        return;
      }
      const unpacked = unpackBundle(content);
      if (!unpacked.ok) throw new Failure(`${name} is refused: its columns do not hold (${unpacked.error.code})`);
      const findings = unpacked.value.columns.rows;
      // On record first: a reader that goes away ends the process.
      orFail(await session.audit.recordAlone({ kind: 'export', format: 'ndjson', findings }));
      for (const finding of findingsOf(unpacked.value.columns)) await io.out(findingToLine(finding));
      const { tlp, policy, withheld } = unpacked.value.metadata;
      io.say(`${findings} findings, ${tlp}, policy ${policy}, withheld ${JSON.stringify(withheld)}`);
      await sendRecord(home, io);
    });
  },
};
