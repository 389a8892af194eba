/** `orgs` and `orgs import`: the constituency of a CERT. */
import { readFile } from 'node:fs/promises';
import type { Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { withOperator } from '../home.ts';

export const orgsImport: Command = {
  name: 'orgs import',
  summary: 'read organisations from a CSV; all of them or none',
  operands: { usage: 'FILE.csv', least: 1, most: 1 },
  options: HOME_OPTIONS,
  async run(call, io) {
    const name = call.operands[0] as string;
    const csv = await readFile(io.path(name)).catch(() => {
      throw new Failure(`${name} cannot be read`);
    });
    await withOperator(call, io, async ({ client }) => {
      const { added, updated, unchanged, overlaps } = orFail(await client.importOrganisations(new Uint8Array(csv)));
      for (const { term, otherTerm } of overlaps) {
        io.say(`${term} lies within ${otherTerm} of another organisation: the longer one gets the findings`);
      }
      await io.json({ added, updated, unchanged, overlaps });
    });
  },
};

export const orgs: Command = {
  name: 'orgs',
  summary: 'list the organisations and where each stands',
  operands: { usage: '', least: 0, most: 0 },
  options: { ...HOME_OPTIONS, json: { type: 'boolean', help: 'one JSON line an organisation' } },
  async run(call, io) {
    await withOperator(call, io, async ({ client }) => {
      for (const organisation of await client.organisations()) {
        const { listId, nameEn, state, domains } = organisation;
        if (call.flag('json')) await io.json({ id: listId, name: nameEn, ...organisation });
        else await io.out(`${listId}  ${state.padEnd(9)}  ${nameEn}  (${domains.join(' ')})`);
      }
    });
  },
};
