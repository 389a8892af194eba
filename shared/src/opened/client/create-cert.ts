/** Sets up a CERT: root, operator and epoch keys made here, the deployment posted as one, the root key handed out and forgotten. */
import { toBase64url } from '../../base/base64url.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { generateAgeSecret } from '../../sealed/crypto/age.ts';
import { generateSigningSecret, importSigningKey } from '../../sealed/crypto/ed25519.ts';
import type { SigningKey } from '../../sealed/crypto/ed25519.ts';
import {
  makeEpochClaims,
  makeHeadClaims,
  makeLogClaims,
  makeOperatorClaims,
  makeRootClaims,
} from '../../sealed/directory/builders.ts';
import type { ChainPlace } from '../../sealed/directory/builders.ts';
import type { Statement } from '../../sealed/envelope/statement.ts';
import { signStatement } from '../../sealed/envelope/statement.ts';
import { DeploymentMadeSchema, LogKeysSchema } from '../../sealed/wire/bodies.ts';
import type { LogKeys } from '../../sealed/wire/bodies.ts';
import { DEPLOYMENTS_PATH, paths, SETUP_TOKEN_HEADER } from '../../sealed/wire/paths.ts';
import type { SealedStore } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import type { CertSetup } from './api/profile.ts';
import type { SavedFile } from './api/saved-file.ts';
import { keepStatements } from './directory-cache.ts';
import { toClientError } from './failures.ts';
import { jsonBody, SignedHttp } from './http.ts';
import { putEpochs, putIdentity, signingToText } from './identity.ts';
import type { OwnEpoch, StoredIdentity } from './identity.ts';
import { isPassphraseStrongEnough } from './passphrase-strength.ts';
import type { Ports } from './ports.ts';
import { sealKeyFile } from './root-file.ts';
import type { RootFile } from './root-file.ts';

/**
 * Posts the deployment and fills `store` (new and empty). The root secret exists in memory only, until it stands in the returned
 * file; the caller hands that to the user and keeps no copy.
 *
 * @returns `server` with code `forbidden` where the set-up token is wanted and missing.
 */
export async function createCert(
  store: SealedStore,
  ports: Ports,
  identityId: string,
  setup: CertSetup,
): Promise<Result<{ readonly rootFile: SavedFile }, ClientError>> {
  if (!isPassphraseStrongEnough(setup.rootPassphrase)) return err({ kind: 'weak-passphrase' });
  const nowMs = ports.nowMs();
  const [rootSecret, operatorSecret, device, read, secrets, audit, intake] = await Promise.all([
    generateSigningSecret(),
    generateSigningSecret(),
    generateAgeSecret(),
    generateAgeSecret(),
    generateAgeSecret(),
    generateAgeSecret(),
    generateAgeSecret(),
  ]);
  const [root, operator] = await Promise.all([importSigningKey(rootSecret), importSigningKey(operatorSecret)]);
  const first = await signStatement(
    'root',
    makeRootClaims({ publicKey: root.publicKey, demo: setup.demo, nowMs }),
    root,
  );
  const deployment = first.sid;
  const http = new SignedHttp(ports, setup.origin, null);
  const logKeys = await http.json(LogKeysSchema, {
    method: 'GET',
    path: paths(deployment).logKeys(),
    signed: false,
  });
  if (!logKeys.ok) return logKeys;

  const epoch: OwnEpoch = { n: 1, read, secrets, audit, intake };
  const statements = await signDeployment(first, { root, operator }, device.recipient, epoch, logKeys.value, nowMs);
  const made = await http.json(DeploymentMadeSchema, {
    method: 'POST',
    path: DEPLOYMENTS_PATH,
    signed: false,
    ...jsonBody({ statements: statements.map((statement) => statement.compact) }),
    headers: {
      'content-type': 'application/json',
      ...(setup.setupToken === null ? {} : { [SETUP_TOKEN_HEADER]: setup.setupToken }),
    },
  });
  if (!made.ok) return made;
  if (made.value.deployment !== deployment) return err({ kind: 'forged', what: 'deployment', code: 'other-root' });

  const ingestMaster = toBase64url(ports.random(32));
  const identity: StoredIdentity = {
    v: 1,
    identityId,
    kind: 'cert',
    nameTh: setup.nameTh,
    nameEn: setup.nameEn,
    deployment,
    origin: setup.origin,
    demo: setup.demo,
    createdAtMs: nowMs,
    signing: signingToText(operatorSecret),
    device,
    org: 'cert',
    generation: 0,
    ingestMaster,
    backup: { madeAtMs: null, provedAtMs: null },
    enrolment: { kind: 'enrolled', atMs: nowMs },
    genesis: null,
    profile: null,
  };
  const kept = await store.transaction((tx) => {
    putIdentity(tx, identity);
    putEpochs(tx, [epoch]);
    keepStatements(tx, 0, made.value.position, statements);
  });
  if (!kept.ok) return err(toClientError(kept.error));

  const rootFile: RootFile = {
    format: 'sealpost-root/1',
    deployment,
    origin: setup.origin,
    root: signingToText(rootSecret),
    epochs: [epoch],
    ingestMaster,
  };
  const bytes = await sealKeyFile(rootFile, setup.rootPassphrase);
  rootSecret.seed.fill(0);
  const name = `sealpost-root-${deployment.slice(0, 8)}.age`;
  return ok({ rootFile: { name, mediaType: 'application/octet-stream', bytes } });
}

/** FORMATS, Requests: [root, operator, epoch, log, head] as one atomic array. */
async function signDeployment(
  root: Statement,
  keys: { readonly root: SigningKey; readonly operator: SigningKey },
  recipient: string,
  epoch: OwnEpoch,
  logKeys: LogKeys,
  nowMs: number,
): Promise<readonly Statement[]> {
  const statements = [root];
  const after = (): ChainPlace => {
    const head = [statements.length, (statements.at(-1) as Statement).sid] as const;
    return { chain: 'cert', previous: head, cert: head, nowMs };
  };
  const { root: rootKey, operator } = keys;
  statements.push(await signStatement('operator', makeOperatorClaims(after(), operator.publicKey, recipient), rootKey));
  const recipients = {
    read: epoch.read.recipient,
    secrets: epoch.secrets.recipient,
    audit: epoch.audit.recipient,
    intake: epoch.intake?.recipient,
  };
  statements.push(await signStatement('epoch', makeEpochClaims(after(), { n: 1, recipients }), operator));
  const log = {
    ...logKeys,
    epoch: 1,
    witnesses: [],
    quorum: 0,
    previous: null,
    reason: 'first' as const,
  };
  statements.push(await signStatement('log', makeLogClaims(after(), log), operator));
  statements.push(await signStatement('head', makeHeadClaims(after()), operator));
  return statements;
}
