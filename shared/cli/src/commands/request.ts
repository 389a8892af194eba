/** `request`: an organisation asks for access: its keys are made here, the sealed request is sent, its digits are shown. */
import { readFile } from 'node:fs/promises';
import { ORGANISATION_TYPES, SECTORS } from '@sealpost/shared/opened/client/api/organisations';
import type { JoinForm } from '@sealpost/shared/opened/client/api/joining';
import { createOrganisation, readInvitation, sendRequest } from '@sealpost/shared/opened/client/join';
import { Session } from '@sealpost/shared/opened/client/session';
import { HANDLING_NOTICE } from '@sealpost/shared/opened/respond/handling-notice';
import type { Call, Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { errorText, orFail } from '../error-text.ts';
import { makeHome } from '../home.ts';
import { newIdentityId } from '../identity-id.ts';
import type { Io } from '../io.ts';
import { processPorts } from '../network.ts';
import { parseOrigin } from '../origin.ts';
import { parseContact, parseList, parseWord } from '../option-values.ts';
import { readPassphrase } from '../passphrase.ts';

const MAX_INVITATION_BYTES = 64 * 1024;

export const request: Command = {
  name: 'request',
  summary: 'ask a CERT for access with an invitation; prints the request’s id and 30 digits',
  operands: { usage: '', least: 0, most: 0 },
  options: {
    ...HOME_OPTIONS,
    'invite-file': { type: 'string', required: true, value: 'FILE', help: 'holds the invitation’s link' },
    server: { type: 'string', value: 'URL', help: 'where the server answers, if the invitation is no whole link' },
    name: { type: 'string', required: true, value: 'TEXT', help: 'name of the organisation' },
    'name-th': { type: 'string', value: 'TEXT', help: 'its Thai name (default: the same)' },
    domains: { type: 'string', required: true, value: 'D,D', help: 'domains it owns' },
    contact: { type: 'string', required: true, value: '"NAME <MAIL>"', help: 'contact person, who signs the notice' },
    position: { type: 'string', value: 'TEXT', help: 'position of the contact person' },
    'second-contact': { type: 'string', value: '"NAME <MAIL>"', help: 'a second contact' },
    channel: { type: 'string', required: true, value: 'TEXT', help: 'telephone or other channel for the digits' },
    scope: { type: 'string', required: true, value: 'TEXT', help: 'what the findings are wanted for' },
    type: { type: 'string', value: 'WORD', help: `one of ${ORGANISATION_TYPES.join(', ')}` },
    sector: { type: 'string', value: 'WORD', help: `one of ${SECTORS.join(', ')}` },
    language: { type: 'string', value: 'th|en', help: 'language of the contact (default th)' },
    'accept-notice': { type: 'boolean', help: 'the data-handling notice is read and signed by the contact person' },
  },
  async run(call, io) {
    if (!call.flag('accept-notice')) {
      for (const line of [...HANDLING_NOTICE.th, ...HANDLING_NOTICE.en]) io.say(line);
      throw new Failure('the data-handling notice above has to be accepted with --accept-notice', 2);
    }
    const invitation = await readInvitationFile(call, io);
    const server = call.text('server');
    const form = formOf(call, invitation, server === null ? originOf(invitation) : parseOrigin(server));
    const ports = processPorts();
    const summary = orFail(await readInvitation(ports, invitation, form.appOrigin));
    io.say(`CERT at ${summary.origin}, root digits ${summary.rootDigits.join(' ')}`);
    const passphrase = await readPassphrase(call, io, true);
    await makeHome(call, io, passphrase, async (store) => {
      orFail(await createOrganisation(store, ports, newIdentityId(ports), form));
      const session = orFail(await Session.open(store, ports));
      const sent = await sendRequest(session);
      if (!sent.ok) {
        if (sent.error.kind !== 'offline') throw new Failure(errorText(sent.error));
        io.say('The server cannot be reached: the request is kept and goes out with the next pull.');
      }
      const { enrolment } = session.identity;
      if (enrolment.kind !== 'pending') throw new Failure('the request was not made');
      io.say(
        'Tell these digits to the CERT by a channel that it knows already, and wait: pull says when it is decided.',
      );
      await io.json({ id: enrolment.requestId, digits: enrolment.digits.join(' ') });
    });
  },
};

function formOf(call: Call, invitation: string, appOrigin: string): JoinForm {
  const contact = parseContact('contact', call.must('contact'), {
    position: call.text('position') ?? '',
    phone: '',
    language: parseWord('language', call.text('language'), ['th', 'en'], 'th'),
  });
  const second = call.text('second-contact');
  return {
    invitation,
    nameTh: call.text('name-th') ?? call.must('name'),
    nameEn: call.must('name'),
    type: parseWord('type', call.text('type'), ORGANISATION_TYPES, 'state_agency'),
    sector: parseWord('sector', call.text('sector'), SECTORS, 'others'),
    domains: parseList(call.must('domains')),
    contact,
    secondContact:
      second === null
        ? null
        : parseContact('second-contact', second, { position: '', phone: '', language: contact.language }),
    channel: call.must('channel'),
    scope: call.must('scope'),
    notice: { version: HANDLING_NOTICE.version, signedName: contact.name, signedPosition: contact.position || '-' },
    passphrase: '',
    appOrigin,
  };
}

/** The app's own server, where the invitation names no other. */
function originOf(invitation: string): string {
  if (URL.canParse(invitation) && /^https?:/.test(invitation)) return new URL(invitation).origin;
  throw new Failure('the invitation is no whole link: say with --server where the server answers', 2);
}

/** The link, wherever it stands in the file. */
async function readInvitationFile(call: Call, io: Io): Promise<string> {
  const name = call.must('invite-file');
  const bytes = await readFile(io.path(name)).catch(() => {
    throw new Failure(`${name} cannot be read`);
  });
  const words = bytes.subarray(0, MAX_INVITATION_BYTES).toString('utf8').split(/\s+/u);
  const link =
    words.find((word) => /(?:^|#|\b)i=\d+\./.test(word)) ?? words.find((word) => /^\d+\.[\w-]+\./.test(word));
  if (link === undefined) throw new Failure(`${name} holds no invitation`);
  return link;
}
