import type { JsonObject } from '../../base/strict-json.ts';
import type { SigningKey } from '../crypto/ed25519.ts';
import type { OrgId } from '../envelope/heads.ts';
import type { Sid, Statement } from '../envelope/statement.ts';
import type { DeviceRole } from './claims.ts';
import type { Directory } from './model.ts';
import { toBase64url } from '../../base/base64url.ts';
import { utf8 } from '../../base/bytes.ts';
import { importSigningKey, signingSecretOfSeed } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/hash.ts';
import { signStatement } from '../envelope/statement.ts';
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
} from './builders.ts';
import { applyStatements } from './directory.ts';

/** A made-up deployment with fixed keys, for tests and golden files of the directory. Nothing outside of tests imports it. */

/** 5 January 2026, 03:00 UTC. */
export const NOW_MS = 1_767_582_000_000;

/** Made-up recipients; what is sealed to them in tests is opened by nobody. */
export const RECIPIENTS = {
  read: 'age1zjdeps4ygvfht6zc4m7aa483g4uz3fd9uc2gpclzgups0003442szxcrc7',
  secrets: 'age1aax6arsfy6wa0nfdl6gf290cf7l3wuzyqkfypz4td3qyvkyururq2hhppv',
  audit: 'age16qdpdyv4tlzk4ny5cvrzxuvm2u9ha4hkjhnrq4lplarm9kfx0f0qd0ukw7',
  intake: 'age1lv8jym8470nvtu0p0uev67nft85xsedpz66h6uv8pcrv74pqfqaqkchka4',
} as const;

const ORG_RECIPIENTS = { read: RECIPIENTS.read, secrets: RECIPIENTS.secrets, audit: RECIPIENTS.audit };

/** 32 bytes that follow from a label, as text. */
export const hash = (label: string): string => toBase64url(sha256(utf8(label)));

/** An organisation id that follows from a label. */
export const orgOf = (label: string): OrgId => toBase64url(sha256(utf8(`org ${label}`)).subarray(0, 16)) as OrgId;

/** The signing key of a label: the same in every run. */
export async function keyFor(label: string): Promise<SigningKey> {
  return importSigningKey(await signingSecretOfSeed(sha256(utf8(`seed ${label}`))));
}

/** The first five statements of a deployment, in the order of POST deployments. */
export async function makeDeployment(
  options: { readonly name?: string; readonly demo?: boolean; readonly nowMs?: number } = {},
): Promise<{
  readonly deployment: Sid;
  readonly root: SigningKey;
  readonly operator: SigningKey;
  readonly statements: readonly Statement[];
}> {
  const { name = 'cert', demo = false, nowMs = NOW_MS } = options;
  const root = await keyFor(`${name} root`);
  const operator = await keyFor(`${name} operator`);
  const first = await signStatement('root', makeRootClaims({ publicKey: root.publicKey, demo, nowMs }), root);
  let at = placeAfter({ chain: 'cert', previous: null, cert: null, nowMs }, first.sid);
  const statements = [first];
  const add = async (type: string, claims: JsonObject, key: SigningKey) => {
    const statement = await signStatement(type, claims, key);
    statements.push(statement);
    at = placeAfter(at, statement.sid);
  };
  await add('operator', makeOperatorClaims(at, operator.publicKey, RECIPIENTS.read), root);
  await add('epoch', makeEpochClaims(at, { n: 1, recipients: RECIPIENTS }), operator);
  await add('log', makeLogClaims(at, { ...(await logOf(first.sid)) }), operator);
  await add('head', makeHeadClaims(at), operator);
  return { deployment: first.sid, root, operator, statements };
}

/** Device and epoch statement as a requester's device makes them, and the organisation statement that names both. */
export async function makeEnrolment(
  directory: Directory,
  operator: SigningKey,
  label: string,
  nowMs = NOW_MS,
): Promise<{
  readonly org: OrgId;
  readonly device: SigningKey;
  readonly organisation: Statement;
  readonly genesis: readonly [Statement, Statement];
}> {
  const org = orgOf(label);
  const device = await keyFor(`${label} device`);
  const place = nextPlace(directory, org, nowMs);
  const first = await signStatement('device', deviceClaims(place, device, 'admin'), device);
  const epoch = makeEpochClaims(placeAfter(place, first.sid), { n: 1, recipients: ORG_RECIPIENTS });
  const second = await signStatement('epoch', epoch, device);
  const claims = makeOrganisationClaims(nextPlace(directory, 'cert', nowMs), {
    org,
    generation: 1,
    genesis: [first.sid, second.sid],
    admins: [device.kid],
    status: 'active',
    profile: hash(`profile ${label}`),
  });
  return { org, device, organisation: await signStatement('organisation', claims, operator), genesis: [first, second] };
}

/** Claims of a device statement for `key`. */
export function deviceClaims(
  place: Parameters<typeof makeDeviceClaims>[0],
  key: SigningKey,
  role: DeviceRole,
): JsonObject {
  return makeDeviceClaims(place, { publicKey: key.publicKey, recipient: RECIPIENTS.read, role, label: hash('label') });
}

/** An epoch of an organisation. */
export const epochOf = (n: number) => ({ n, recipients: ORG_RECIPIENTS });

/** Applies statements; throws where a test expects none to be refused. */
export async function applied(
  directory: Directory | null,
  deployment: Sid,
  statements: readonly Statement[],
): Promise<Directory> {
  const result = await applyStatements(directory, deployment, statements);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** A deployment with `labels` enrolled: the directory and all statements in the server's order. */
export async function makeScene(...labels: readonly string[]) {
  const made = await makeDeployment();
  let directory = await applied(null, made.deployment, made.statements);
  const statements = [...made.statements];
  const enrolments: Record<string, Awaited<ReturnType<typeof makeEnrolment>>> = {};
  for (const label of labels) {
    const enrolment = await makeEnrolment(directory, made.operator, label);
    const added = [enrolment.organisation, ...enrolment.genesis];
    directory = await applied(directory, made.deployment, added);
    statements.push(...added);
    enrolments[label] = enrolment;
  }
  const enrolled = (label: string) => {
    const enrolment = enrolments[label];
    if (enrolment === undefined) throw new Error(label);
    return enrolment;
  };
  return { ...made, directory, statements, enrolled };
}

async function logOf(deployment: Sid) {
  const checkpoint = await keyFor('log checkpoint');
  const entry = await keyFor('log entry');
  return {
    origin: `cert.example/${deployment}/log/1`,
    epoch: 1,
    checkpoint: toBase64url(checkpoint.publicKey),
    entry: toBase64url(entry.publicKey),
    witnesses: [],
    quorum: 0,
    reason: 'first' as const,
  };
}
