/**
 * The vault that the bench measures: the app's parts put together as its vault worker does, with keys that the bench keeps, so
 * that the passphrase's work (the same for every size) stays out of the figures. Changes carry their audit entry, as in the app.
 */
import { parseBase64url, toBase64url } from '@sealpost/shared/base/base64url';
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { Result } from '@sealpost/shared/base/result';
import type { ReadBundle } from '@sealpost/shared/opened/bundle/read-bundle';
import { Alarms } from '@sealpost/shared/opened/client/alarms';
import { LogWitness } from '@sealpost/shared/opened/client/log-witness';
import { emptyDirectory } from '@sealpost/shared/sealed/directory/model';
import { AuditTrail } from '@sealpost/shared/opened/client/audit-trail';
import { SignedHttp } from '@sealpost/shared/opened/client/http';
import type { Ports } from '@sealpost/shared/opened/client/ports';
import type { FindingsVault } from '@sealpost/shared/opened/vault/findings-vault';
import type { Engine } from '@sealpost/shared/opened/query/engine';
import { openFindingsVault } from '@sealpost/shared/opened/vault/open-findings-vault';
import { createStore, openStore } from '@sealpost/shared/opened/vault/open-store';
import type { SealedStore } from '@sealpost/shared/opened/vault/store';
import { generateAgeSecret } from '@sealpost/shared/sealed/crypto/age';
import { generateSigningSecret, importSigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import type { OrgId } from '@sealpost/shared/sealed/envelope/heads';
import type { Sid } from '@sealpost/shared/sealed/envelope/statement';
import type { DexieBackend } from '../../../web/src/workers/store/dexie-backend.ts';
import { openDexieBackend } from '../../../web/src/workers/store/dexie-backend.ts';
import type { FileDisk } from '../../../web/src/workers/store/segment-places.ts';
import { nextTask } from '../../../web/src/workers/vault/next-task.ts';
import type { NetworkPorts } from '../../../web/src/workers/vault/network-ports.ts';
import type { MemberKeys } from './bench-calls.ts';

/** Names nothing: the bench's server has one deployment. */
export const DEPLOYMENT = 'A'.repeat(43) as Sid;

/** An unlocked vault with what belongs to it. */
export interface OpenVault {
  readonly backend: DexieBackend;
  readonly store: SealedStore;
  readonly findings: FindingsVault;
  readonly audit: AuditTrail;
  readonly http: SignedHttp;
}

/** Where a vault lies and what it reaches. */
export interface VaultPlace {
  readonly databaseName: string;
  readonly disk: FileDisk | null;
  readonly network: NetworkPorts;
  readonly readBundle: ReadBundle;
  readonly origin: string;
  readonly engine?: Engine;
}

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

/** Keys of a member that nobody invited. */
export async function makeKeys(): Promise<MemberKeys> {
  const signing = await generateSigningSecret();
  const [cert, own] = await Promise.all([generateAgeSecret(), generateAgeSecret()]);
  return {
    vaultKey: [...random(32)],
    signingSeed: [...signing.seed],
    signingPublicKey: [...signing.publicKey],
    auditRecipients: [cert.recipient, own.recipient],
  };
}

/** Makes the vault of `keys`, or opens what lies there. */
export async function openVault(place: VaultPlace, keys: MemberKeys, isNew: boolean): Promise<OpenVault> {
  const { databaseName, disk, network, origin } = place;
  const backend = await openDexieBackend(databaseName, disk);
  const seed = new Uint8Array(keys.signingSeed);
  const publicKey = new Uint8Array(keys.signingPublicKey);
  const parts = { backend, vaultKey: new Uint8Array(keys.vaultKey), random };
  const [store, signer] = await Promise.all([
    isNew ? createStore(parts) : openStore(parts),
    importSigningKey({ seed, publicKey }),
  ]);
  const ports: Ports = { network, random, nowMs: () => Date.now() };
  const http = new SignedHttp(ports, origin, signer);
  const opened = must(store);
  const findings = must(
    await openFindingsVault({
      store: opened,
      device: signer.kid,
      nowMs: () => Date.now(),
      random,
      clock: () => performance.now(),
      pause: nextTask,
      ...(place.engine === undefined ? {} : { engine: place.engine }),
    }),
  );
  const alarms = new Alarms(opened, ports);
  const directory = () => emptyDirectory(DEPLOYMENT);
  const audit = new AuditTrail({
    alarms,
    witness: new LogWitness({ store: opened, http, ports, deployment: DEPLOYMENT, alarms, directory }),
    store: opened,
    http,
    ports,
    deployment: DEPLOYMENT,
    org: toBase64url(new Uint8Array(16)) as OrgId,
    signer,
    recipients: () => keys.auditRecipients,
  });
  return { backend, store: opened, findings, audit, http };
}

/** The value of a result; throws with the failure, which holds no plaintext. */
export function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** Bytes of a base64url text that the bench itself wrote. */
export function mustParse(text: string, length: number): Bytes {
  const bytes = parseBase64url(text, length);
  if (bytes === null) throw new TypeError('not base64url');
  return bytes;
}
