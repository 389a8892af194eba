/** `approve` and `decline`: the decision on an access request (DOMAIN rule 4). */
import { parseDomainName, isWithinDomain } from '@sealpost/shared/base/domain-name';
import type { Client } from '@sealpost/shared/opened/client/api/client';
import type { AccessRequest, Approval } from '@sealpost/shared/opened/client/api/joining';
import type { Organisation } from '@sealpost/shared/opened/client/api/organisations';
import { fetchRequests } from '@sealpost/shared/opened/client/requests';
import type { Call, Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { findOrganisation } from '../find-organisation.ts';
import type { Home } from '../home.ts';
import { withOperator } from '../home.ts';
import type { Io } from '../io.ts';
import { sendRecord } from '../send-record.ts';

export const approve: Command = {
  name: 'approve',
  summary: 'approve a request whose 30 digits were told by a known contact',
  operands: { usage: 'ID', least: 1, most: 1 },
  options: {
    ...HOME_OPTIONS,
    digits: { type: 'string', required: true, value: '"30 DIGITS"', help: 'as the organisation told them' },
    proof: {
      type: 'string',
      required: true,
      value: 'TEXT',
      help: 'how the person was verified: "known contact: …", "letter: …", "meeting: …", "sheet: …"',
    },
    unproven: {
      type: 'string',
      multiple: true,
      value: 'DOMAIN',
      help: 'a requested domain that is not proven by that',
    },
    org: {
      type: 'string',
      value: 'NAME',
      help: 'the listed organisation that it is (default: the one invited, or with these domains)',
    },
    new: { type: 'boolean', help: 'list it anew, whatever is listed already' },
  },
  async run(call, io) {
    const id = call.operands[0] as string;
    await withOperator(call, io, async (home) => {
      const { client } = home;
      const found = await findRequest(home, id);
      const listed = await listedFor(call, client, found);
      const approval: Approval = {
        requestId: id,
        listId: listed?.listId ?? null,
        digits: call.must('digits'),
        method: methodOf(call.must('proof')),
        note: call.must('proof'),
        provenDomains: provenDomains(found, listed, call.texts('unproven'), io),
      };
      const { listId, drafts } = orFail(await client.approve(approval));
      await sendRecord(home, io);
      const name = listed?.nameEn ?? found.form.nameEn;
      if (drafts > 0) io.say(`drafts for ${name} are held: publish them now`);
      await io.json({ id, listId, name, provenDomains: approval.provenDomains });
    });
  },
};

export const decline: Command = {
  name: 'decline',
  summary: 'decline a request; the reason is shown to whoever sent it',
  operands: { usage: 'ID', least: 1, most: 1 },
  options: { ...HOME_OPTIONS, reason: { type: 'string', required: true, value: 'TEXT', help: 'shown as it stands' } },
  async run(call, io) {
    const id = call.operands[0] as string;
    await withOperator(call, io, async (home) => {
      await findRequest(home, id);
      orFail(await home.client.decline(id, call.must('reason')));
      await sendRecord(home, io);
      await io.json({ id, declined: true });
    });
  },
};

async function findRequest({ client, session }: Home, id: string): Promise<AccessRequest> {
  const known = (await client.requests()).find((one) => one.id === id);
  if (known !== undefined) return known;
  orFail(await session.directory.refresh());
  orFail(await fetchRequests(session));
  const found = (await client.requests()).find((one) => one.id === id);
  if (found === undefined) throw new Failure('there is no such request');
  return found;
}

async function listedFor(call: Call, client: Client, { candidates }: AccessRequest): Promise<Organisation | null> {
  if (call.flag('new')) return null;
  const organisations = await client.organisations();
  const named = call.text('org');
  if (named !== null) return findOrganisation(organisations, named);
  const certain = candidates.filter(({ reason }) => reason === 'invitation');
  const byDomain = candidates.filter(({ reason }) => reason === 'domain');
  const fitting = certain.length > 0 ? certain : byDomain.length > 0 ? byDomain : candidates;
  if (fitting.length > 1)
    throw new Failure('several listed organisations fit: say which one with --org, or use --new', 2);
  return organisations.find(({ listId }) => listId === fitting[0]?.listId) ?? null;
}

/** What was requested, less what is not on the list (a stranger does not decide what he is sent) and what is not proven. */
function provenDomains(
  { form }: AccessRequest,
  listed: Organisation | null,
  unproven: readonly string[],
  io: Io,
): readonly string[] {
  const normal = (names: readonly string[]) => names.map(parseDomainName).filter((name) => name !== null);
  const left = new Set(normal(unproven.flatMap((text) => text.split(/[\s,]+/u))));
  const onList = listed === null ? null : normal(listed.domains);
  return normal(form.domains).filter((domain) => {
    if (left.has(domain)) return false;
    const isListed = onList === null || onList.some((known) => isWithinDomain(domain, known) || domain === known);
    if (!isListed) io.say(`${domain} is not on the list for this organisation: not proven`);
    return isListed;
  });
}

function methodOf(proof: string): Approval['method'] {
  const how = (proof.split(':')[0] as string).toLowerCase();
  if (/letter|หนังสือ/u.test(how)) return 'letter';
  if (/meeting|person|ประชุม/u.test(how)) return 'meeting';
  return /sheet|print|qr/u.test(how) ? 'printed_sheet' : 'known_phone';
}
