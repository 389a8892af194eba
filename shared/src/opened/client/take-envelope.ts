/** What an opened envelope of the own mailbox that is no bundle changes here: secrets, withdrawals, the own profile. */
import * as v from 'valibot';
import { fromUtf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { parseStrictJson } from '../../base/strict-json.ts';
import type { OrgId } from '../../sealed/directory/fields.ts';
import { organisation } from '../../sealed/directory/roles.ts';
import type { OpenedEnvelope } from '../../sealed/envelope/open.ts';
import { textAt } from '../bundle/text-column.ts';
import { unpackSecrets } from '../bundle/unpack.ts';
import { toBase64url } from '../../base/base64url.ts';
import type { FindingId } from '../finding/finding.ts';
import { profileDigest, ProfileSchema } from '../payload/profile.ts';
import { WithdrawalSchema } from '../payload/withdrawal.ts';
import type { FindingsVault } from '../vault/findings-vault.ts';
import type { ClientError } from './api/client-error.ts';
import { toClientError } from './failures.ts';
import { DONE, BUNDLE_OF, EXPIRED, markDone, NOTHING, WITHHELD } from './pull-bundle.ts';
import type { Taken } from './pull-bundle.ts';
import { putIdentity } from './identity.ts';
import type { Session } from './session.ts';

/** Takes it over in one commit; `bundle` for one that has to be read as a stream instead. */
export async function takeEnvelope(
  session: Session,
  findings: FindingsVault,
  opened: OpenedEnvelope & { readonly content: Uint8Array<ArrayBuffer> },
): Promise<Result<Taken, ClientError> | 'bundle'> {
  switch (opened.claims.kind) {
    case 'bundle':
      // listed without numbers: by a version that stated none
      return 'bundle';
    case 'secrets':
      return takeSecrets(session, findings, opened);
    case 'withdrawal':
      return takeWithdrawal(session, findings, opened);
    case 'profile':
      return takeProfile(session, opened);
    default:
      return markDone(session, opened.claims.id);
  }
}

async function takeSecrets(
  session: Session,
  findings: FindingsVault,
  { claims, content }: OpenedEnvelope & { readonly content: Uint8Array<ArrayBuffer> },
): Promise<Result<Taken, ClientError>> {
  // They go with one bundle that is here (FORMATS, Finding bundle) and are deleted with it.
  const [ref] = claims.refs ?? [];
  const row = ref === undefined ? ok(null) : await session.store.get('envelopes', BUNDLE_OF + ref);
  if (!row.ok) return err(toClientError(row.error));
  const bundleId = row.value;
  // of a bundle that expired, only just before them
  const { store } = session;
  const isBundleGone = [EXPIRED, WITHHELD].some((rows) => store.ids('envelopes', rows).length > 0);
  if (typeof bundleId !== 'string' && isBundleGone) return markDone(session, claims.id);
  if (typeof bundleId !== 'string') return err({ kind: 'forged', what: 'secrets', code: 'other-bundle' });
  const bundle = findings.bundles().find((candidate) => candidate.bundleId === bundleId);
  if (bundle === undefined || bundle.withdrawn !== null) return markDone(session, claims.id);
  if (bundle.policy !== 'sealed') return err({ kind: 'forged', what: 'secrets', code: 'policy' });
  const unpacked = unpackSecrets(content);
  if (!unpacked.ok) return err({ kind: 'forged', what: 'secrets', code: unpacked.error.code });
  const { rows, id, secret } = unpacked.value;
  const secrets: { readonly id: FindingId; readonly secret: string }[] = [];
  for (let row = 0; row < rows; row++) {
    const text = textAt(secret, row);
    if (text !== null)
      secrets.push({ id: toBase64url(id.subarray(row * 16, row * 16 + 16)) as FindingId, secret: text });
  }
  const done = await findings.putSecrets(bundleId, secrets, (tx) =>
    tx.put('envelopes', DONE + claims.id, { kind: 'secrets' }),
  );
  return done.ok || done.error.kind === 'already-done' ? ok(NOTHING) : done;
}

async function takeWithdrawal(
  session: Session,
  findings: FindingsVault,
  { claims, content }: OpenedEnvelope & { readonly content: Uint8Array<ArrayBuffer> },
): Promise<Result<Taken, ClientError>> {
  const withdrawal = parseContent(WithdrawalSchema, content);
  if (withdrawal === null) return err({ kind: 'forged', what: 'withdrawal', code: 'malformed' });
  const done = await findings.withdraw(withdrawal.bundle, withdrawal.code, (tx) =>
    tx.put('envelopes', DONE + claims.id, { kind: 'withdrawal' }),
  );
  if (done.ok) return ok({ ...NOTHING, withdrawn: 1 });
  // Withdrawn before it was ever fetched: nothing to hide.
  return done.error.kind === 'not-found' || done.error.kind === 'already-done' ? markDone(session, claims.id) : done;
}

async function takeProfile(
  session: Session,
  { claims, content }: OpenedEnvelope & { readonly content: Uint8Array<ArrayBuffer> },
): Promise<Result<Taken, ClientError>> {
  const profile = parseContent(ProfileSchema, content);
  if (profile === null || profile.org !== session.identity.org)
    return err({ kind: 'forged', what: 'profile', code: 'malformed' });
  // The operator's signed statement names the one profile that holds (FORMATS, `organisation`).
  const known = organisation(session.directory.current, session.identity.org as OrgId);
  if (known?.profile !== profileDigest(profile)) return err({ kind: 'forged', what: 'profile', code: 'digest' });
  const { nameTh, nameEn } = profile;
  const identity = { ...session.identity, nameTh, nameEn, profile };
  const done = await session.store.transaction((tx) => {
    putIdentity(tx, identity);
    tx.put('envelopes', DONE + claims.id, { kind: 'profile' });
  });
  if (!done.ok) return err(toClientError(done.error));
  session.identity = identity;
  return ok(NOTHING);
}

function parseContent<T>(schema: v.GenericSchema<unknown, T>, content: Uint8Array): T | null {
  const text = fromUtf8(content);
  const json = text === null ? null : parseStrictJson(text, 1024 * 1024);
  const parsed = json?.ok ? v.safeParse(schema, json.value) : null;
  return parsed?.success ? parsed.output : null;
}
