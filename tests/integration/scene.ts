/** A made-up CERT and organisations on a test server, set up and enrolled through its API with real signatures. */
import { randomBytes } from 'node:crypto';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { utf8 } from '@sealpost/shared/base/bytes';
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { JsonObject } from '@sealpost/shared/base/strict-json';
import { generateAgeSecret, importAgeIdentity, sealAge } from '@sealpost/shared/sealed/crypto/age';
import type { AgeIdentity } from '@sealpost/shared/sealed/crypto/age';
import { generateSigningSecret, importSigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import type { SigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import { sha256 } from '@sealpost/shared/sealed/crypto/hash';
import {
  makeDeviceClaims,
  makeEpochClaims,
  makeHeadClaims,
  makeLogClaims,
  makeOperatorClaims,
  makeOrganisationClaims,
  makeRootClaims,
  nextPlace,
  placeAfter,
} from '@sealpost/shared/sealed/directory/builders';
import { applyStatements } from '@sealpost/shared/sealed/directory/directory';
import type { Directory } from '@sealpost/shared/sealed/directory/model';
import type { OrgId } from '@sealpost/shared/sealed/envelope/heads';
import { parseStatement, signStatement } from '@sealpost/shared/sealed/envelope/statement';
import type { Sid, Statement } from '@sealpost/shared/sealed/envelope/statement';
import { paths, SETUP_TOKEN_HEADER } from '@sealpost/shared/sealed/wire/paths';
import { signRequest } from '@sealpost/shared/sealed/wire/request-signature';

export const random = (size: number): Bytes => new Uint8Array(randomBytes(size));
const hash32 = (label: string): string => toBase64url(sha256(utf8(label)));

/** A valibot schema, by the interface that all such libraries share (standardschema.dev). */
interface Schema<Output> {
  readonly '~standard': {
    readonly validate: (
      value: unknown,
    ) => { readonly value: Output } | { readonly issues: readonly unknown[] } | Promise<unknown>;
  };
}

/** The value if the contract's schema takes it; throws otherwise. */
export function checked<Output>(schema: Schema<Output>, value: unknown): Output {
  const result = schema['~standard'].validate(value);
  if (!('value' in result)) throw new Error(`not what the contract says: ${JSON.stringify(result)}`);
  return result.value;
}

/** A new signing key. */
export async function newKey(): Promise<SigningKey> {
  return importSigningKey(await generateSigningSecret());
}

export interface Sending {
  readonly method: string;
  readonly path: string;
  readonly body?: Uint8Array | string | object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly nowMs?: number;
  readonly nonce?: string;
}

/** The bytes of a body: JSON of an object, UTF-8 of a text. */
export function bodyBytes(body: Sending['body']): Bytes | null {
  if (body === undefined) return null;
  if (body instanceof Uint8Array) return new Uint8Array(body);
  return utf8(typeof body === 'string' ? body : JSON.stringify(body));
}

/** The headers that sign a GET of `path` by `signer`. */
export async function signedHeaders(origin: string, signer: SigningKey, path: string): Promise<Record<string, string>> {
  const nonce = toBase64url(random(16));
  return {
    ...(await signRequest({ method: 'GET', url: origin + path, body: null, signer, nowMs: Date.now(), nonce })),
  };
}

/** Sends a request signed by `signer`. */
export async function send(origin: string, signer: SigningKey, sending: Sending): Promise<Response> {
  const { method, path } = sending;
  const body = bodyBytes(sending.body);
  const url = `${origin}${path}`;
  const nowMs = sending.nowMs ?? Date.now();
  const signed = await signRequest({
    method,
    url,
    body,
    signer,
    nowMs,
    nonce: sending.nonce ?? toBase64url(random(16)),
  });
  return fetch(url, { method, body, headers: { ...signed, ...sending.headers } });
}

/** A device of an enrolled organisation. */
export interface Enrolled {
  readonly org: OrgId;
  readonly device: SigningKey;
}

export interface Scene {
  readonly origin: string;
  readonly deployment: Sid;
  readonly root: SigningKey;
  readonly operator: SigningKey;
  /** Opens the server's audit payloads. */
  readonly audit: AgeIdentity;
  readonly at: ReturnType<typeof paths>;
  /** The five statements it began with. */
  readonly first: readonly Statement[];
  /** The directory as the server has it now, from GET chains. */
  directory(): Promise<Directory>;
  enrol(): Promise<Enrolled>;
}

/** Statement bodies. */
export const statementsOf = (...statements: readonly Statement[]) => ({
  statements: statements.map((statement) => statement.compact),
});

/** Signs the first five statements of a deployment for this server. */
export async function signFirstFive(
  origin: string,
  keys: { readonly root: SigningKey; readonly operator: SigningKey; readonly auditRecipient: string },
  options: { readonly demo?: boolean; readonly nowMs?: number; readonly checkpoint?: string } = {},
): Promise<readonly Statement[]> {
  const nowMs = options.nowMs ?? Date.now();
  const { root, operator, auditRecipient } = keys;
  const [read, secrets, intake] = await Promise.all([generateAgeSecret(), generateAgeSecret(), generateAgeSecret()]);
  const recipients = {
    read: read.recipient,
    secrets: secrets.recipient,
    audit: auditRecipient,
    intake: intake.recipient,
  };
  const rootClaims = makeRootClaims({ publicKey: root.publicKey, demo: options.demo ?? false, nowMs });
  const first = await signStatement('root', rootClaims, root);
  const answer = await fetch(`${origin}${paths(first.sid).logKeys()}`);
  const logKeys = (await answer.json()) as { origin: string; checkpoint: string; entry: string };
  const statements = [first];
  let place = placeAfter({ chain: 'cert', previous: null, cert: null, nowMs }, first.sid);
  const add = async (type: string, claims: JsonObject, key: SigningKey): Promise<void> => {
    const statement = await signStatement(type, claims, key);
    statements.push(statement);
    place = placeAfter(place, statement.sid);
  };
  await add('operator', makeOperatorClaims(place, operator.publicKey, read.recipient), root);
  await add('epoch', makeEpochClaims(place, { n: 1, recipients }), operator);
  const log = { epoch: 1, witnesses: [], quorum: 0, reason: 'first' as const, ...logKeys };
  await add('log', makeLogClaims(place, { ...log, checkpoint: options.checkpoint ?? log.checkpoint }), operator);
  await add('head', makeHeadClaims(place), operator);
  return statements;
}

/** Sets up a CERT on the server at `origin`. */
export async function setUp(
  origin: string,
  options: { readonly demo?: boolean; readonly nowMs?: number; readonly setupToken?: string } = {},
): Promise<Scene> {
  const root = await newKey();
  const operator = await newKey();
  const auditSecret = await generateAgeSecret();
  const keys = { root, operator, auditRecipient: auditSecret.recipient };
  const first = await signFirstFive(origin, keys, options);
  const response = await fetch(`${origin}/api/v1/deployments`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(options.setupToken === undefined ? {} : { [SETUP_TOKEN_HEADER]: options.setupToken }),
    },
    body: JSON.stringify(statementsOf(...first)),
  });
  if (response.status !== 201) throw new Error(`set-up: ${response.status} ${await response.text()}`);
  const deployment = (first[0] as Statement).sid;
  const at = paths(deployment);

  const directory = async (): Promise<Directory> => {
    const page = (await (await fetch(`${origin}${at.chainsAfter(0)}`)).json()) as { statements: string[] };
    const statements = page.statements.map((compact) => {
      const parsed = parseStatement(compact);
      if (!parsed.ok) throw new Error(parsed.error.reason);
      return parsed.value;
    });
    const applied = await applyStatements(null, deployment, statements);
    if (!applied.ok) throw new Error(JSON.stringify(applied.error));
    return applied.value;
  };

  const enrol = async (): Promise<Enrolled> => {
    const made = await makeEnrolment(await directory(), operator, options.nowMs);
    const response = await send(origin, operator, {
      method: 'POST',
      path: at.chains(),
      body: statementsOf(...made.statements),
      ...(options.nowMs === undefined ? {} : { nowMs: options.nowMs }),
    });
    if (response.status !== 200) throw new Error(`enrol: ${response.status} ${await response.text()}`);
    return { org: made.org, device: made.device };
  };

  return {
    origin,
    deployment,
    root,
    operator,
    audit: await importAgeIdentity(auditSecret.secret),
    at,
    first,
    directory,
    enrol,
  };
}

/** Signs what approves a new organisation: its statement, and the device and epoch statements of its first device. */
export async function makeEnrolment(
  directory: Directory,
  operator: SigningKey,
  nowMs = Date.now(),
): Promise<Enrolled & { readonly statements: readonly Statement[] }> {
  const org = toBase64url(random(16)) as OrgId;
  const device = await newKey();
  const [own, read, secrets, audit] = await Promise.all(Array.from({ length: 4 }, () => generateAgeSecret()));
  const place = nextPlace(directory, org, nowMs);
  const recipient = String(own?.recipient);
  const deviceClaims = { publicKey: device.publicKey, recipient, role: 'admin' as const, label: hash32('label') };
  const first = await signStatement('device', makeDeviceClaims(place, deviceClaims), device);
  const recipients = {
    read: String(read?.recipient),
    secrets: String(secrets?.recipient),
    audit: String(audit?.recipient),
  };
  const epoch = makeEpochClaims(placeAfter(place, first.sid), { n: 1, recipients });
  const second = await signStatement('epoch', epoch, device);
  const organisation = makeOrganisationClaims(nextPlace(directory, 'cert', nowMs), {
    org,
    generation: 1,
    genesis: [first.sid, second.sid],
    admins: [device.kid],
    status: 'active',
    profile: hash32('profile'),
  });
  const statement = await signStatement('organisation', organisation, operator);
  return { org, device, statements: [statement, first, second] };
}

/** A sealed file of about `size` bytes that nobody can open. */
export async function sealedFile(size: number): Promise<{ readonly bytes: Bytes; readonly sha256: string }> {
  const secret = await generateAgeSecret();
  const bytes = new Uint8Array(await sealAge(random(size), [secret.recipient]));
  return { bytes, sha256: toBase64url(sha256(bytes)) };
}

/** Uploads a file that fits into one part. */
export async function upload(
  scene: Scene,
  signer: SigningKey,
  file: { bytes: Bytes; sha256: string },
): Promise<Response> {
  const path = scene.at.blobPart(file.sha256, 0, file.bytes.length);
  return send(scene.origin, signer, { method: 'PUT', path, body: file.bytes });
}

/** Signs and puts the next manifest of `signer`'s feed. */
export async function putManifest(
  scene: Scene,
  signer: SigningKey,
  org: OrgId,
  manifest: { readonly statement: Statement },
  previous: Sid | null,
): Promise<Response> {
  return send(scene.origin, signer, {
    method: 'PUT',
    path: scene.at.manifest(org as never, signer.kid),
    body: manifest.statement.compact,
    headers: {
      'Content-Type': 'application/jose',
      ...(previous === null ? { 'If-None-Match': '*' } : { 'If-Match': `"${previous}"` }),
    },
  });
}
