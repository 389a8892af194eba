/**
 * The demo: a made-up CERT, two made-up agencies and a made-up leak, taken through the same calls as the real thing.
 * Passphrases are generated and shown; everything lives in a `demo` deployment that goes in one click.
 */
import * as Comlink from 'comlink';
import type { Remote } from 'comlink';
import { err, ok } from '@sealpost/shared/base/result';
import type { Result } from '@sealpost/shared/base/result';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { JoinForm } from '@sealpost/shared/opened/client/api/joining';
import type { LoadSummary } from '@sealpost/shared/opened/client/api/loading';
import type { OrganisationForm } from '@sealpost/shared/opened/client/api/organisations';
import { HANDLING_NOTICE } from '@sealpost/shared/opened/respond/handling-notice';
import type { DemoOrganisation } from '@sealpost/shared/opened/sample/demo';
import type { IngestApi, IngestSource } from '#workers/ingest.api.ts';
import type { IdentityEntry } from '#workers/vault.api.ts';
import { apiOrigin } from './api-origin.ts';
import { rememberDemoPassphrase } from './demo-passphrases.ts';
import { chooseIdentity, forgetIdentity, newIdentityId, saveIdentity } from './identities.ts';
import { suggestPassphrase } from './suggest-passphrase.ts';
import type { MaterialAtHand } from './material-at-hand.svelte.ts';
import { connectVault } from './vault.svelte.ts';
import type { Vault } from './vault.svelte.ts';
import { startIngestWorker } from './workers.ts';

export const DEMO_STEPS = ['cert', 'list', 'invite', 'join', 'approve', 'load', 'publish', 'sync'] as const;
export type DemoStep = (typeof DEMO_STEPS)[number];

export interface DemoProgress {
  readonly step: DemoStep;
  /** Steps finished. */
  readonly done: number;
  /** 0 to 1 of the step that runs, if known. */
  readonly part: number | null;
}

export interface DemoIdentity {
  readonly id: string;
  readonly kind: 'cert' | 'organisation';
  readonly nameTh: string;
  readonly nameEn: string;
  readonly passphrase: string;
}

const CERT_NAMES = { nameTh: 'ศูนย์ประสานงานตัวอย่าง', nameEn: 'Example CERT' };

/** The same leak each time, so that a tour looks like the one before. */
const SEED = 7;

/** What the generator leaves open about its two agencies. */
const KINDS: readonly Pick<OrganisationForm, 'type' | 'sector' | 'parent' | 'province'>[] = [
  { type: 'state_agency', sector: 'public_service', parent: 'กระทรวงตัวอย่าง', province: 'กรุงเทพมหานคร' },
  { type: 'cii_body', sector: 'transport_logistics', parent: null, province: 'เชียงใหม่' },
];

function toForm(organisation: DemoOrganisation, index: number): OrganisationForm {
  const { nameTh, nameEn, domains, contact } = organisation;
  const kind = KINDS[index % KINDS.length] ?? { type: 'private', sector: 'others', parent: null, province: null };
  return {
    ...kind,
    nameTh,
    nameEn,
    domains,
    exclude: [],
    keywords: [],
    contacts: [
      {
        name: contact.nameTh,
        position: contact.positionTh,
        email: contact.email,
        phone: '+66 2 000 0000',
        language: 'th',
      },
    ],
  };
}

/** Carries a failed step out of the sequence below. */
class StepFailed extends Error {
  readonly error: ClientError;
  constructor(error: ClientError) {
    super(error.kind);
    this.error = error;
  }
}

function must<T>(result: Result<T, ClientError>): T {
  if (!result.ok) throw new StepFailed(result.error);
  return result.value;
}

/** Makes everything; resolves with the identities, CERT first, or with the failure that stopped it. */
export async function startDemo(
  language: 'th' | 'en',
  onProgress: (progress: DemoProgress) => void,
  atHand: MaterialAtHand,
): Promise<Result<readonly DemoIdentity[], ClientError>> {
  const opened: Vault[] = [];
  const worker = startIngestWorker();
  const ingest: Remote<IngestApi> = Comlink.wrap<IngestApi>(worker);
  const at = (step: DemoStep, part: number | null = null) => onProgress({ step, done: DEMO_STEPS.indexOf(step), part });
  try {
    at('cert');
    const cert = await connect(opened);
    const certIdentity = newIdentity(cert, 'cert', CERT_NAMES);
    must(
      await cert.api.createCert({
        ...CERT_NAMES,
        origin: await apiOrigin(),
        setupToken: null,
        passphrase: certIdentity.passphrase,
        rootPassphrase: suggestPassphrase(),
        demo: true,
      }),
    );
    keep(certIdentity, language);

    at('list');
    const material = await ingest.makeDemo(SEED, Date.now());
    const forms = material.organisations.map(toForm);
    const listIds: string[] = [];
    for (const agency of forms) listIds.push(must(await cert.api.saveOrganisation(null, agency)).listId);

    at('invite');
    const invitations = must(await cert.api.invite(listIds, 7, location.origin));

    const agencies: DemoIdentity[] = [];
    const vaults: Vault[] = [];
    const digitsByRequest = new Map<string, string>();
    for (const [index, agency] of forms.entries()) {
      at('join', index / forms.length);
      const vault = await connect(opened);
      const identity = newIdentity(vault, 'organisation', agency);
      const link = invitations.find((invitation) => invitation.listId === listIds[index])?.link ?? '';
      const profile = must(await vault.api.createOrganisation(joinForm(agency, link, identity.passphrase)));
      if (profile.enrolment.kind === 'pending')
        digitsByRequest.set(profile.enrolment.requestId, profile.enrolment.digits.join(''));
      keep(identity, language);
      agencies.push(identity);
      vaults.push(vault);
    }

    at('approve');
    must(await cert.api.sync(Comlink.proxy(() => undefined)));
    for (const request of await cert.api.requests()) {
      const digits = digitsByRequest.get(request.id);
      if (digits === undefined || request.state !== 'open') continue;
      must(
        await cert.api.approve({
          requestId: request.id,
          listId: request.candidates[0]?.listId ?? null,
          digits,
          method: 'meeting',
          note: 'demo',
          provenDomains: request.form.domains,
        }),
      );
    }

    at('load', 0);
    const { loadId } = await loadSources(cert, ingest, material.sources, (part) => at('load', part));
    atHand.keep(loadId, material.sources);

    at('publish');
    const outcomes = await cert.api.publish(
      listIds,
      { policy: 'sealed', tlp: 'TLP:AMBER+STRICT', caveat: null, includeContextless: null, confirmKeywordOnly: false },
      Comlink.proxy((done: number, total: number) => at('publish', total > 0 ? done / total : null)),
    );
    const failed = outcomes.find((outcome) => outcome.kind === 'failed');
    if (failed?.kind === 'failed') throw new StepFailed(failed.error);

    for (const [index, vault] of vaults.entries()) {
      at('sync', index / vaults.length);
      must(await vault.api.sync(Comlink.proxy(() => undefined)));
    }
    // The CERT learns from the record who has fetched what.
    must(await cert.api.sync(Comlink.proxy(() => undefined)));
    return ok([certIdentity, ...agencies]);
  } catch (error) {
    if (error instanceof StepFailed) return err(error.error);
    return err({ kind: 'unexpected', code: `demo/${error instanceof Error ? error.name : 'thrown'}` });
  } finally {
    worker.terminate();
    for (const vault of opened) vault.close();
  }
}

/** Made-up sources through the ingest worker, as an operator would drop them. */
async function loadSources(
  cert: Vault,
  ingest: Remote<IngestApi>,
  sources: readonly IngestSource[],
  onPart: (part: number) => void,
): Promise<LoadSummary> {
  const channel = new MessageChannel();
  await cert.api.openLoad(Comlink.transfer(channel.port1, [channel.port1]));
  must(
    await ingest.run(
      sources,
      Comlink.transfer(channel.port2, [channel.port2]),
      Comlink.proxy(({ source, doneBytes, totalBytes }) =>
        onPart((source + doneBytes / Math.max(1, totalBytes)) / sources.length),
      ),
    ),
  );
  return must(await ingest.commit());
}

async function connect(opened: Vault[]): Promise<Vault> {
  const connected = await connectVault(newIdentityId());
  if (!connected.ok) throw new StepFailed({ kind: 'not-allowed', code: connected.error.kind });
  opened.push(connected.value);
  return connected.value;
}

function newIdentity(
  vault: Vault,
  kind: DemoIdentity['kind'],
  names: { readonly nameTh: string; readonly nameEn: string },
): DemoIdentity {
  const { nameTh, nameEn } = names;
  return { id: vault.identityId, kind, nameTh, nameEn, passphrase: suggestPassphrase() };
}

/** Made-up names may be shown before unlocking; the passphrase is kept for this tab. */
function keep(identity: DemoIdentity, language: 'th' | 'en'): void {
  const nickname = language === 'th' ? identity.nameTh : identity.nameEn;
  saveIdentity({ id: identity.id, kind: identity.kind, demo: true, createdAtMs: Date.now(), nickname });
  rememberDemoPassphrase(identity.id, identity.passphrase);
  if (identity.kind === 'cert') chooseIdentity(identity.id);
}

function joinForm(agency: OrganisationForm, invitation: string, passphrase: string): JoinForm {
  const [first] = agency.contacts;
  if (first === undefined) throw new TypeError('demo: an agency without contact');
  return {
    invitation,
    nameTh: agency.nameTh,
    nameEn: agency.nameEn,
    type: agency.type,
    sector: agency.sector,
    domains: agency.domains,
    contact: first,
    secondContact: null,
    channel: first.phone,
    scope: 'demo',
    notice: { version: HANDLING_NOTICE.version, signedName: first.name, signedPosition: first.position },
    passphrase,
    appOrigin: location.origin,
  };
}

/**
 * Removes the demo: the deployment by its CERT where that can be unlocked, and every made-up identity of this browser in
 * any case. The server deletes what is left after 7 days.
 */
export async function leaveDemo(
  demos: readonly IdentityEntry[],
  passphraseOf: (id: string) => string | null,
): Promise<Result<void, ClientError>> {
  let failure: ClientError | null = null;
  const certFirst = [...demos].sort((a, b) => Number(b.kind === 'cert') - Number(a.kind === 'cert'));
  for (const entry of certFirst) {
    const connected = await connectVault(entry.id, true);
    if (!connected.ok) continue;
    const { api } = connected.value;
    const passphrase = passphraseOf(entry.id);
    if (passphrase !== null && !(await api.isUnlocked())) {
      const bytes = new TextEncoder().encode(passphrase);
      await api.unlock(Comlink.transfer(bytes.buffer, [bytes.buffer]));
    }
    if (entry.kind === 'cert' && (await api.isUnlocked())) {
      const removed = await api.removeDemo();
      if (!removed.ok && removed.error.kind !== 'not-found') failure = removed.error;
    }
    if (failure !== null) {
      connected.value.close();
      return err(failure);
    }
    await connected.value.wipe();
    connected.value.close();
    forgetIdentity(entry.id);
  }
  return ok(undefined);
}
