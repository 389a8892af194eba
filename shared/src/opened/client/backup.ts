/**
 * The operator's backup: the whole vault in one file behind a passphrase, restored into an empty vault on another machine.
 * It holds the ingest master and all drafts: whoever has file and passphrase is this operator.
 */
import * as v from 'valibot';
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import { utf8 } from '../../base/bytes.ts';
import type { Bytes } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { openWithPassphrase, sealWithPassphrase } from '../../sealed/crypto/passphrase.ts';
import { packGzip } from '../../sealed/envelope/gzip.ts';
import { VAULT_TABLES } from '../vault/backend.ts';
import type { VaultTable } from '../vault/backend.ts';
import type { SealedStore, StoredValue } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import type { SavedFile } from './api/saved-file.ts';
import { markRestored } from './catch-up.ts';
import { gunzipText } from './drafts.ts';
import { toClientError } from './failures.ts';
import { IDENTITY_ROW, putIdentity, readIdentity } from './identity.ts';
import { isPassphraseStrongEnough } from './passphrase-strength.ts';
import type { Session } from './session.ts';

const FORMAT = 'sealpost-backup/1';

const HeaderSchema = v.strictObject({
  format: v.literal(FORMAT),
  deployment: v.string(),
  identityId: v.string(),
  rows: v.number(),
  auditSeq: v.number(),
});
const RowSchema = v.strictObject({
  table: v.picklist(VAULT_TABLES),
  id: v.string(),
  json: v.optional(v.unknown()),
  bytes: v.optional(v.string()),
});

/** Makes the file and remembers that it was made. Cost: the whole vault in memory, one scrypt. */
export async function makeBackup(session: Session, passphrase: string): Promise<Result<SavedFile, ClientError>> {
  if (!isPassphraseStrongEnough(passphrase)) return err({ kind: 'weak-passphrase' });
  const { store, identity, ports } = session;
  const made = { ...identity, backup: { ...identity.backup, madeAtMs: ports.nowMs() } };
  const noted = await store.transaction(async (tx) => {
    putIdentity(tx, made);
    await session.audit.record(tx, { kind: 'export', format: 'backup', findings: 0 });
  });
  if (!noted.ok) return err(toClientError(noted.error));
  session.identity = made;
  const lines: string[] = [];
  for (const table of VAULT_TABLES) {
    for (const id of store.ids(table)) {
      const row = await store.get(table, id);
      if (!row.ok) return err(toClientError(row.error));
      lines.push(JSON.stringify(toRow(table, id, row.value)));
    }
  }
  const header = {
    format: FORMAT,
    deployment: identity.deployment,
    identityId: identity.identityId,
    rows: lines.length,
    auditSeq: store.auditSeq,
  };
  const text = [JSON.stringify(header), ...lines].map((line) => `${line}\n`).join('');
  const bytes = (await sealWithPassphrase((await packGzip(utf8(text))).content, passphrase)) as Bytes;
  const day = new Date(ports.nowMs()).toISOString().slice(0, 10);
  const name = `sealpost-backup-${identity.deployment.slice(0, 8)}-${day}.age`;
  return ok({ name, mediaType: 'application/octet-stream', bytes });
}

/** Reads a backup of this vault to its end, so that the first restore is not the first reading; remembers that it holds. */
export async function proveBackup(
  session: Session,
  bytes: Uint8Array,
  passphrase: string,
): Promise<Result<void, ClientError>> {
  const opened = await openBackup(bytes, passphrase);
  if (!opened.ok) return opened;
  const { identity, store, ports } = session;
  if (
    opened.value.header.deployment !== identity.deployment ||
    opened.value.header.identityId !== identity.identityId
  ) {
    return err({ kind: 'forged', what: 'backup', code: 'other-identity' });
  }
  const proved = { ...identity, backup: { ...identity.backup, provedAtMs: ports.nowMs() } };
  const noted = await store.transaction((tx) => putIdentity(tx, proved));
  if (!noted.ok) return err(toClientError(noted.error));
  session.identity = proved;
  return ok(undefined);
}

/** Writes a backup into an empty store, all rows in one commit. Afterwards `Session.open` works as it did. */
export async function restoreBackup(
  store: SealedStore,
  identityId: string,
  bytes: Uint8Array,
  passphrase: string,
): Promise<Result<void, ClientError>> {
  const opened = await openBackup(bytes, passphrase);
  if (!opened.ok) return opened;
  const done = await store.transaction((tx) => {
    for (const { table, id, value } of opened.value.rows) tx.put(table, id, value);
    tx.setAuditSeq(opened.value.header.auditSeq);
    markRestored(tx);
  });
  if (!done.ok) return err(toClientError(done.error));
  const identity = await readIdentity(store);
  if (!identity.ok) return identity;
  // The browser names vaults by a local id: the same person in another place.
  const renamed = await store.transaction((tx) => putIdentity(tx, { ...identity.value, identityId }));
  return renamed.ok ? ok(undefined) : err(toClientError(renamed.error));
}

interface OpenedBackup {
  readonly header: v.InferOutput<typeof HeaderSchema>;
  readonly rows: readonly { readonly table: VaultTable; readonly id: string; readonly value: StoredValue }[];
}

async function openBackup(bytes: Uint8Array, passphrase: string): Promise<Result<OpenedBackup, ClientError>> {
  const damaged = err({ kind: 'forged', what: 'backup', code: 'damaged' } as const);
  const plain = await openWithPassphrase(bytes, passphrase);
  if (!plain.ok) return plain.error.kind === 'wrong-passphrase' ? err({ kind: 'wrong-passphrase' }) : damaged;
  let lines: string[];
  try {
    lines = (await gunzipText(plain.value)).split('\n').filter((line) => line !== '');
  } catch {
    return damaged;
  }
  const header = v.safeParse(HeaderSchema, readJson(lines.shift()));
  if (!header.success || header.output.rows !== lines.length) return damaged;
  const rows: { readonly table: VaultTable; readonly id: string; readonly value: StoredValue }[] = [];
  for (const line of lines) {
    const row = v.safeParse(RowSchema, readJson(line));
    if (!row.success) return damaged;
    const { table, id, json, bytes: encoded } = row.output;
    const value = encoded === undefined ? (json as StoredValue) : parseBase64url(encoded);
    if (value === null && encoded !== undefined) return damaged;
    rows.push({ table, id, value: value as StoredValue });
  }
  return rows.some(({ table, id }) => table === 'meta' && id === IDENTITY_ROW)
    ? ok({ header: header.output, rows })
    : damaged;
}

function toRow(table: VaultTable, id: string, value: StoredValue | null): v.InferOutput<typeof RowSchema> {
  return value instanceof Uint8Array ? { table, id, bytes: toBase64url(value) } : { table, id, json: value };
}

function readJson(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? '');
  } catch {
    return null;
  }
}
