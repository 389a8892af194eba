import { expect, test } from 'vitest';
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import type { AuditTip } from '../../sealed/audit/continuity.ts';
import { checkContinues } from '../../sealed/audit/continuity.ts';
import { AUDIT_ENTRY_BYTES, parseAuditEntry } from '../../sealed/audit/entry.ts';
import { openAuditPayload } from '../../sealed/audit/payload.ts';
import { generateAgeSecret, importAgeIdentity } from '../../sealed/crypto/age.ts';
import { generateSigningSecret, importSigningKey } from '../../sealed/crypto/ed25519.ts';
import type { OrgId } from '../../sealed/envelope/heads.ts';
import type { Sid } from '../../sealed/envelope/statement.ts';
import { createFailingBackend } from '../vault/failing-backend.ts';
import { createMemoryBackend } from '../vault/memory-backend.ts';
import { createStore } from '../vault/open-store.ts';
import type { SealedStore } from '../vault/store.ts';
import { emptyDirectory } from '../../sealed/directory/model.ts';
import { Alarms } from './alarms.ts';
import { AuditTrail } from './audit-trail.ts';
import { rowNumber, WAITING } from './audit-upload.ts';
import { SignedHttp } from './http.ts';
import { LogWitness } from './log-witness.ts';
import type { Ports } from './ports.ts';

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

test('the chain is whole after entries that did not come to the disk, and after going on elsewhere', async () => {
  const backend = createFailingBackend(createMemoryBackend());
  const store = value(await createStore({ backend, vaultKey: random(32), random }));
  const audit = await trailOf(store);
  const record = () => audit.recordAlone({ kind: 'unlock' });
  value(await record());
  value(await record());
  backend.failAfter(0, 'full', 1);
  expect((await record()).ok).toBe(false);
  backend.heal();
  value(await record());
  expect(await chainOf(store)).toEqual(['next', 'next', 'next']);
  const tip: AuditTip = { seq: 3, leaf: random(32) };
  value(await audit.continueFrom(tip, new Set()));
  value(await record());
  expect(await chainOf(store, tip)).toEqual(['next', 'next', 'next', 'next']);
});

test('an entry that was prepared is sealed to those who may read it when it is made', async () => {
  const store = value(await createStore({ backend: createMemoryBackend(), vaultKey: random(32), random }));
  const [before, after] = [await generateAgeSecret(), await generateAgeSecret()];
  let recipient = before.recipient;
  const audit = await trailOf(store, () => [recipient]);
  expect(await audit.prepare()).toBe(true);
  expect(await audit.prepare()).toBe(false);
  recipient = after.recipient;
  value(await audit.recordAlone({ kind: 'unlock' }));
  value(await audit.recordAlone({ kind: 'unlock' }));
  const payloads = await payloadsOf(store);
  expect(payloads).toHaveLength(2);
  for (const payload of payloads) {
    const open = async ({ secret }: typeof before) =>
      (await openAuditPayload(payload, [await importAgeIdentity(secret)])).ok;
    expect([await open(before), await open(after)]).toEqual([false, true]);
  }
  expect(await chainOf(store)).toEqual(['next', 'next']);
});

test('what was prepared for an entry that did not come to the disk is not used again', async () => {
  const backend = createFailingBackend(createMemoryBackend());
  const store = value(await createStore({ backend, vaultKey: random(32), random }));
  const audit = await trailOf(store);
  value(await audit.recordAlone({ kind: 'unlock' }));
  await audit.prepare();
  const headers: string[] = [];
  for (const isLost of [true, false, false]) {
    if (isLost) backend.failAfter(0, 'full', 1);
    const done = await store.transaction(async (tx) => {
      await audit.record(tx, { kind: 'unlock' });
      const row = value(await tx.get('outbox', store.ids('outbox', '').at(-1) ?? '')) as { payload: string } | null;
      const made = value(await tx.get('outbox', WAITING + rowNumber(store.auditSeq + 1))) as { payload: string };
      expect(made.payload).not.toBe(row?.payload);
      headers.push(made.payload.slice(0, HEADER_LETTERS));
    });
    expect(done.ok).toBe(!isLost);
    backend.heal();
  }
  expect(new Set(headers).size).toBe(3);
  expect(await chainOf(store)).toEqual(['next', 'next', 'next']);
});

/** Of an age file: its first line and its first stanza. */
const HEADER_LETTERS = 160;

async function trailOf(store: SealedStore, recipients?: () => readonly string[]): Promise<AuditTrail> {
  const signer = await importSigningKey(await generateSigningSecret());
  const { recipient } = await generateAgeSecret();
  const network = { request: () => Promise.resolve({ ok: false, error: { kind: 'offline' } } as const) };
  const ports: Ports = { network, random, nowMs: () => 1_700_000_000_000 };
  const deployment = 'A'.repeat(43) as Sid;
  const http = new SignedHttp(ports, 'https://log.example', signer);
  const alarms = new Alarms(store, ports);
  const directory = () => emptyDirectory(deployment);
  return new AuditTrail({
    store,
    http,
    ports,
    deployment,
    alarms,
    witness: new LogWitness({ store, http, ports, deployment, alarms, directory }),
    org: toBase64url(new Uint8Array(16)) as OrgId,
    signer,
    recipients: recipients ?? (() => [recipient]),
  });
}

async function payloadsOf(store: SealedStore): Promise<readonly Bytes[]> {
  const rows = value(await store.getMany('outbox', store.ids('outbox', WAITING)));
  return rows.map((row) => parseBase64url((row as { readonly payload: string }).payload) as Bytes);
}

/** How each entry that waits continues the one before. */
async function chainOf(store: SealedStore, after: AuditTip | null = null): Promise<readonly string[]> {
  let tip = after;
  const rows = value(await store.getMany('outbox', store.ids('outbox', 'audit/')));
  return rows.map((row) => {
    const { entry } = row as unknown as { readonly entry: string };
    const parsed = value(parseAuditEntry(parseBase64url(entry, AUDIT_ENTRY_BYTES) as Bytes));
    const continuity = checkContinues(tip, parsed, null);
    tip = { seq: parsed.seq, leaf: parsed.leaf };
    return continuity;
  });
}

function value<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
