/** An unlocked identity at work: ports, sealed store, keys in use. Everything of the client takes one. */
import type { Ms } from '../../base/brand.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { importAgeIdentity } from '../../sealed/crypto/age.ts';
import type { AgeIdentity } from '../../sealed/crypto/age.ts';
import { importSigningKey } from '../../sealed/crypto/ed25519.ts';
import type { SigningKey } from '../../sealed/crypto/ed25519.ts';
import type { SealedStore } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import { Alarms } from './alarms.ts';
import { AuditTrail } from './audit-trail.ts';
import { DirectoryCache } from './directory-cache.ts';
import { readEpochs, readIdentity, signingOfText } from './identity.ts';
import type { OwnEpoch, StoredIdentity } from './identity.ts';
import { SignedHttp } from './http.ts';
import { LogWitness } from './log-witness.ts';
import type { Ports } from './ports.ts';
import { Turn } from '../../base/turn.ts';

/** Private parts of one own epoch, importable once and kept while unlocked. */
export interface EpochKeys {
  readonly n: number;
  readonly read: AgeIdentity;
  readonly secrets: AgeIdentity;
  readonly audit: AgeIdentity;
  readonly intake: AgeIdentity | null;
}

export class Session {
  readonly store: SealedStore;
  readonly ports: Ports;
  readonly signer: SigningKey;
  readonly device: AgeIdentity;
  readonly epochs: readonly EpochKeys[];
  readonly http: SignedHttp;
  readonly directory: DirectoryCache;
  readonly audit: AuditTrail;
  readonly witness: LogWitness;
  readonly alarms: Alarms;
  /** The outbox is worked off by one at a time: two manifests of one version would be a fork of our own making. */
  readonly outboxTurn = new Turn();
  /** When the server was last asked which bundles expired. */
  askedExpiryMs = 0;
  identity: StoredIdentity;

  private constructor(
    store: SealedStore,
    ports: Ports,
    identity: StoredIdentity,
    keys: { readonly signer: SigningKey; readonly device: AgeIdentity; readonly epochs: readonly EpochKeys[] },
  ) {
    this.store = store;
    this.ports = ports;
    this.identity = identity;
    this.signer = keys.signer;
    this.device = keys.device;
    this.epochs = keys.epochs;
    this.http = new SignedHttp(ports, identity.origin, keys.signer);
    this.directory = new DirectoryCache(store, this.http, identity.deployment);
    this.alarms = new Alarms(store, ports);
    this.witness = new LogWitness({
      store,
      http: this.http,
      ports,
      deployment: identity.deployment,
      alarms: this.alarms,
      directory: () => this.directory.current,
    });
    this.audit = new AuditTrail({
      witness: this.witness,
      alarms: this.alarms,
      store,
      http: this.http,
      ports,
      deployment: identity.deployment,
      org: identity.org,
      signer: keys.signer,
      recipients: () => this.#auditRecipients(),
    });
  }

  /** Reads the owner and imports its keys; `not-found` if the set-up of this vault was never finished. */
  static async open(store: SealedStore, ports: Ports): Promise<Result<Session, ClientError>> {
    const identity = await readIdentity(store);
    if (!identity.ok) return identity;
    const epochs = await readEpochs(store);
    if (!epochs.ok) return epochs;
    const session = new Session(store, ports, identity.value, {
      signer: await importSigningKey(signingOfText(identity.value.signing)),
      device: await importAgeIdentity(identity.value.device.secret),
      epochs: await Promise.all(epochs.value.map(importEpoch)),
    });
    const loaded = await session.directory.load();
    return loaded.ok ? ok(session) : err(loaded.error);
  }

  /** Device clock, but never before the newest statement of the CERT (FORMATS: now). */
  nowMs(): Ms {
    return Math.max(this.ports.nowMs(), this.directory.newestIatMs());
  }

  get isOperator(): boolean {
    return this.identity.kind === 'cert';
  }

  /** Before enrolment an organisation's own epoch 1 stands in no chain yet (FORMATS, Audit log). */
  #auditRecipients(): readonly string[] {
    const cert = this.directory.newestEpoch('cert');
    if (cert === null) throw new TypeError('auditRecipients: no CERT epoch in the directory');
    if (this.isOperator) return [cert.recipients.audit];
    const own = this.directory.newestEpoch(this.identity.org)?.recipients.audit ?? this.epochs[0]?.audit.recipient;
    return own === undefined ? [cert.recipients.audit] : [cert.recipients.audit, own];
  }
}

async function importEpoch(epoch: OwnEpoch): Promise<EpochKeys> {
  const [read, secrets, audit] = await Promise.all(
    [epoch.read, epoch.secrets, epoch.audit].map((secret) => importAgeIdentity(secret.secret)),
  );
  return {
    n: epoch.n,
    read: read as AgeIdentity,
    secrets: secrets as AgeIdentity,
    audit: audit as AgeIdentity,
    intake: epoch.intake === null ? null : await importAgeIdentity(epoch.intake.secret),
  };
}
