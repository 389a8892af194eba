/** A CERT and organisations on a test server, each a whole client over a vault in memory that can fail, be killed and be reopened. */
import { randomBytes } from 'node:crypto';
import { utf8 } from '@sealpost/shared/base/bytes';
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { Result } from '@sealpost/shared/base/result';
import type { Client } from '@sealpost/shared/opened/client/api/client';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { LoadSummary } from '@sealpost/shared/opened/client/api/loading';
import type { OrganisationForm } from '@sealpost/shared/opened/client/api/organisations';
import type { PublishOptions } from '@sealpost/shared/opened/client/api/publishing';
import { openClient } from '@sealpost/shared/opened/client/client';
import type { OpenedClient } from '@sealpost/shared/opened/client/client';
import { createCert } from '@sealpost/shared/opened/client/create-cert';
import { createOrganisation } from '@sealpost/shared/opened/client/join';
import type { Ports } from '@sealpost/shared/opened/client/ports';
import type { SourceClass } from '@sealpost/shared/opened/finding/finding';
import { hashSource } from '@sealpost/shared/opened/ingest/hash-source';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import { bytesToSource } from '@sealpost/shared/opened/ingest/source-file';
import type { DomainCensus } from '@sealpost/shared/opened/scan/domain-census';
import { createFailingBackend } from '@sealpost/shared/opened/vault/failing-backend';
import type { FailingBackend } from '@sealpost/shared/opened/vault/failing-backend';
import { createMemoryBackend } from '@sealpost/shared/opened/vault/memory-backend';
import type { MemoryBackend } from '@sealpost/shared/opened/vault/memory-backend';
import { createStore, openStore } from '@sealpost/shared/opened/vault/open-store';
import type { Room } from '@sealpost/shared/opened/vault/room';
import type { SealedStore } from '@sealpost/shared/opened/vault/store';
import { createNodeNetwork } from './node-network.ts';
import type { NodeNetwork } from './node-network.ts';

export const PASSPHRASE = 'seven quiet herons cross the muddy delta';
export const APP_ORIGIN = 'https://app.sealpost.example';

export const random = (length: number): Bytes => new Uint8Array(randomBytes(length));
export const ignore = (): void => undefined;

/** The value of a result; throws with the failure otherwise. */
export function must<T>(result: Result<T, ClientError>): T {
  if (!result.ok) throw new Error(`unexpected failure: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** One person's device. The passphrase slot is left out: its cost would be that of the whole test. */
export interface Device {
  readonly network: NodeNetwork;
  readonly ports: Ports;
  readonly memory: MemoryBackend;
  readonly backend: FailingBackend;
  /** Added to the machine's clock. */
  clockOffsetMs: number;
  /** What the device says it has. */
  room: Room;
  /** The client of the last `open`. */
  readonly client: Client;
  readonly opened: OpenedClient;
  /** Opens what is at rest now, as a new process would. */
  open(): Promise<Client>;
  store(): Promise<SealedStore>;
}

/** Makes a device with an empty vault. */
export async function makeDevice(): Promise<{ readonly device: Device; readonly store: SealedStore }> {
  const memory = createMemoryBackend();
  const backend = createFailingBackend(memory);
  const vaultKey = random(32);
  const network = createNodeNetwork();
  let opened: OpenedClient | null = null;
  const device: Device = {
    network,
    memory,
    backend,
    clockOffsetMs: 0,
    room: { freeBytes: null, memoryBytes: null },
    ports: {
      network,
      random,
      nowMs: () => Date.now() + device.clockOffsetMs,
      room: () => Promise.resolve(device.room),
    },
    get opened() {
      if (opened === null) throw new Error('device: not opened');
      return opened;
    },
    get client() {
      return device.opened.client;
    },
    open: async () => {
      opened = must(await openClient(await device.store(), device.ports));
      return opened.client;
    },
    store: async () => {
      const store = await openStore({ backend, vaultKey, random });
      if (!store.ok) throw new Error(JSON.stringify(store.error));
      return store.value;
    },
  };
  const made = await createStore({ backend, vaultKey, random });
  if (!made.ok) throw new Error(made.error.kind);
  return { device, store: made.value };
}

/** A CERT, set up on the server at `origin`. */
export async function makeCert(origin: string): Promise<Device & { readonly rootFile: Bytes }> {
  const { device, store } = await makeDevice();
  const setup = {
    nameTh: 'ศูนย์ตัวอย่าง',
    nameEn: 'Example CERT',
    origin,
    setupToken: null,
    passphrase: PASSPHRASE,
    rootPassphrase: PASSPHRASE,
    demo: false,
  };
  const made = must(await createCert(store, device.ports, 'cert-1', setup));
  await device.open();
  return Object.assign(device, { rootFile: made.rootFile.bytes });
}

/** A made-up organisation as an operator lists it. */
export function formFor(name: string, domain: string, changes: Partial<OrganisationForm> = {}): OrganisationForm {
  return {
    nameTh: `กรม${name}`,
    nameEn: name,
    type: 'state_agency',
    sector: 'public_service',
    parent: null,
    province: null,
    domains: [domain],
    exclude: [],
    keywords: [],
    contacts: [
      { name: 'Duty officer', position: 'Head', email: `soc@${domain}`, phone: '+66 2 000 0000', language: 'en' },
    ],
    ...changes,
  };
}

/** Joins with an invitation, over a line with `trouble` if there is any; the request is sealed, not sent yet. */
export async function joinWith(
  invitation: string,
  name: string,
  domain: string,
  trouble: NodeNetwork['trouble'] = () => 'none',
): Promise<Device> {
  const { device, store } = await makeDevice();
  device.network.trouble = trouble;
  const { nameTh, nameEn, type, sector, domains, contacts } = formFor(name, domain);
  const [contact] = contacts;
  if (contact === undefined) throw new Error('joinWith: no contact');
  must(
    await createOrganisation(store, device.ports, `org-${name}`, {
      invitation,
      nameTh,
      nameEn,
      type,
      sector,
      domains,
      contact,
      secondContact: null,
      channel: 'phone',
      scope: 'own accounts',
      notice: { version: '1', signedName: 'Duty officer', signedPosition: 'Head' },
      passphrase: PASSPHRASE,
      appOrigin: APP_ORIGIN,
    }),
  );
  await device.open();
  return device;
}

/** The digits of a pending request, as its sheet shows them. */
export async function digitsOf(device: Device): Promise<{ readonly id: string; readonly digits: string }> {
  const { enrolment } = await device.client.profile();
  if (enrolment.kind !== 'pending') throw new Error(`not pending: ${enrolment.kind}`);
  return { id: enrolment.requestId, digits: enrolment.digits.join(' ') };
}

export interface Listing {
  readonly listId: string;
  readonly name: string;
  readonly domain: string;
}

/** Lists, invites, joins and sends the request; what is left is the approval. */
export async function makeApplicant(
  cert: Device,
  name: string,
  domain: string,
): Promise<{ readonly device: Device; readonly listing: Listing; readonly id: string; readonly digits: string }> {
  const { listId } = must(await cert.client.saveOrganisation(null, formFor(name, domain)));
  const [invitation] = must(await cert.client.invite([listId], 14, APP_ORIGIN));
  const device = await joinWith(invitation?.link ?? '', name, domain);
  must(await device.client.sync(ignore));
  return { device, listing: { listId, name, domain }, ...(await digitsOf(device)) };
}

/** An approval as an operator would type it. */
export const approvalOf = (request: { readonly id: string; readonly digits: string; readonly listing: Listing }) => ({
  requestId: request.id,
  listId: request.listing.listId,
  digits: request.digits,
  method: 'known_phone' as const,
  note: 'Called the number in our own directory',
  provenDomains: [request.listing.domain],
});

/** An enrolled organisation that has synced once. */
export async function makeMember(
  cert: Device,
  name: string,
  domain: string,
): Promise<{ readonly device: Device; readonly listing: Listing }> {
  const applicant = await makeApplicant(cert, name, domain);
  must(await cert.client.sync(ignore));
  must(await cert.client.approve(approvalOf(applicant)));
  must(await applicant.device.client.sync(ignore));
  return { device: applicant.device, listing: applicant.listing };
}

/** Loads lines through the real reader and writer and commits. */
export async function load(
  client: Client,
  name: string,
  lines: readonly string[],
  sourceClass: SourceClass = 'ulp',
  census: DomainCensus | null = null,
): Promise<Result<LoadSummary, ClientError>> {
  const writer = await client.beginLoad();
  const source = bytesToSource(name, utf8(lines.map((line) => `${line}\n`).join('')));
  const hash = await hashSource(source);
  if (!hash.ok) throw new Error(hash.error.kind);
  const begun = await writer.beginSource({
    name,
    alias: 'SRC-1',
    sha256: hash.value,
    sizeBytes: source.size,
    sourceClass,
    capturedAtMs: null,
    publishedAtMs: null,
  });
  if (!begun.ok) {
    await writer.discard();
    return begun;
  }
  const { sourceNumber } = begun.value;
  const read = await ingestSource(source, {
    watch: await writer.watch(),
    nowMs: Date.now(),
    sourceClass,
    onRecords: (batch) => writer.write(sourceNumber, batch),
    onMachine: (machine) => writer.writeMachines(sourceNumber, [machine]),
  });
  if (!read.ok) throw new Error(read.error.kind);
  if (census !== null) await writer.noteDomains(sourceNumber, census.counts(1, 100));
  await writer.endSource(sourceNumber, read.value, read.value.quarantine);
  return writer.commit();
}

export const MASKED: PublishOptions = {
  policy: 'masked',
  tlp: 'TLP:AMBER+STRICT',
  caveat: null,
  includeContextless: null,
  confirmKeywordOnly: false,
};

export const EVERYTHING = { text: '', filters: {}, sort: { by: 'priority', descending: true } } as const;

/** Identities of all findings of an organisation, sorted: what a person would compare. */
export async function identitiesOf(client: Client): Promise<string[]> {
  const { token, total } = await client.query(EVERYTHING);
  const rows = await client.window(token, 0, total);
  return rows.map(({ identity }) => identity).sort();
}
