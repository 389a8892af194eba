/** The audit log as an operator or auditor reads it: every entry checked against its signer's chain, payloads opened where they are ours. */
import { parseBase64url } from '../../base/base64url.ts';
import { equalBytes } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { isAuditPayloadOf, NO_PREVIOUS, parseAuditEntry, verifyAuditEntry } from '../../sealed/audit/entry.ts';
import type { AuditEntry } from '../../sealed/audit/entry.ts';
import { openAuditPayload } from '../../sealed/audit/payload.ts';
import { parsePublicKey } from '../../sealed/crypto/ed25519.ts';
import type { Kid } from '../../sealed/crypto/keys.ts';
import { thumbprint } from '../../sealed/crypto/keys.ts';
import type { Directory } from '../../sealed/directory/model.ts';
import { keyOf, logKeys } from '../../sealed/directory/roles.ts';
import { sidToBytes } from '../../sealed/envelope/statement.ts';
import { AuditPageSchema } from '../../sealed/wire/bodies.ts';
import type { AuditPage } from '../../sealed/wire/bodies.ts';
import { paths } from '../../sealed/wire/paths.ts';
import type { AuditDevice, AuditReport, AuditRow, ClientError } from './api.ts';
import { detailsOf } from './audit-trail.ts';
import type { Session } from './session.ts';

/** The server's own entries stand under this name. */
const SERVER = 'server';

/** What is known of one signer while the log is read. */
interface Chain {
  readonly org: string | null;
  readonly label: string | null;
  entries: number;
  firstAtMs: number;
  lastAtMs: number;
  lastSeq: number;
  lastLeaf: Uint8Array;
  gaps: number;
  forks: number;
}

/**
 * Reads the whole log, checks every signature, sequence number and link, and answers the newest rows that fit `filter`.
 * An entry whose signature does not hold is an alarm (`forged`). Cost: one verification an entry, one agreement a payload shown.
 */
export async function readAudit(
  session: Session,
  filter: { readonly device: string | null; readonly kind: string | null; readonly limit: number },
): Promise<Result<AuditReport, ClientError>> {
  const chains = new Map<string, Chain>();
  const kinds = new Map<string, number>();
  const rows: AuditRow[] = [];
  const directory = session.directory.current;
  let after = 0;
  let total = 0;
  for (;;) {
    const page = await session.http.json(AuditPageSchema, {
      method: 'GET',
      path: paths(session.identity.deployment).auditAfter(after),
    });
    if (!page.ok) return page;
    for (const stored of page.value.entries) {
      const entry = parseAuditEntry(parseBase64url(stored.entry) ?? new Uint8Array());
      if (!entry.ok) return err({ kind: 'forged', what: 'audit', code: 'malformed' });
      const signer = signerOf(directory, entry.value.kid);
      if (signer === null) return err({ kind: 'forged', what: 'audit', code: 'unknown-signer' });
      if (!(await verifyAuditEntry(entry.value, sidToBytes(session.identity.deployment), signer.publicKey))) {
        return err({ kind: 'forged', what: 'audit', code: 'signature' });
      }
      follow(chains, entry.value, signer, stored.received * 1000);
      const row = await toRow(session, stored, entry.value, signer);
      if (row === null) return err({ kind: 'forged', what: 'audit', code: 'payload' });
      kinds.set(row.kind, (kinds.get(row.kind) ?? 0) + 1);
      total++;
      if (filter.device !== null && row.device !== filter.device) continue;
      if (filter.kind !== null && row.kind !== filter.kind) continue;
      rows.push(row);
      if (rows.length > filter.limit) rows.shift();
    }
    const last = page.value.entries.at(-1);
    if (!page.value.more || last === undefined) break;
    if (last.index < after) return err({ kind: 'forged', what: 'audit', code: 'rolled-back' });
    after = last.index + 1;
  }
  return ok({
    devices: [...chains].map(([device, chain]) => toDevice(device, chain)),
    kinds: [...kinds].map(([kind, count]) => ({ kind, count })).sort((a, b) => b.count - a.count),
    rows: rows.reverse(),
    total,
  });
}

interface Signer {
  readonly publicKey: Uint8Array;
  readonly org: string | null;
  readonly label: string | null;
}

function signerOf(directory: Directory, kid: Kid): Signer | null {
  const log = logKeys(directory);
  const entryKey = log === null ? null : parsePublicKey(log.entry);
  if (entryKey !== null && thumbprint(entryKey) === kid) return { publicKey: entryKey, org: null, label: SERVER };
  const known = keyOf(directory, kid);
  return known === null ? null : { publicKey: known.publicKey, org: known.org, label: null };
}

/** Sequence numbers count 1, 2, 3 and each names the one before: what is missing is a gap, what contradicts is a fork. */
function follow(chains: Map<string, Chain>, entry: AuditEntry, signer: Signer, atMs: number): void {
  let chain = chains.get(entry.kid);
  if (chain === undefined) {
    chain = {
      org: signer.org,
      label: signer.label,
      entries: 0,
      firstAtMs: atMs,
      lastAtMs: atMs,
      lastSeq: 0,
      lastLeaf: NO_PREVIOUS,
      gaps: 0,
      forks: 0,
    };
    chains.set(entry.kid, chain);
  }
  if (entry.seq > chain.lastSeq + 1) chain.gaps += entry.seq - chain.lastSeq - 1;
  else if (entry.seq <= chain.lastSeq || !equalBytes(entry.prev, chain.lastLeaf)) chain.forks++;
  chain.entries++;
  chain.lastAtMs = atMs;
  chain.lastSeq = Math.max(chain.lastSeq, entry.seq);
  chain.lastLeaf = entry.leaf;
}

/** `null` if salt and payload are not those that were signed for. Payloads sealed to others, or erased, show their kind as such. */
async function toRow(
  session: Session,
  stored: AuditPage['entries'][number],
  entry: AuditEntry,
  signer: Signer,
): Promise<AuditRow | null> {
  const base = {
    index: stored.index,
    receivedAtMs: stored.received * 1000,
    device: entry.kid,
    deviceLabel: signer.label,
    org: signer.org,
    seq: entry.seq,
  };
  if (stored.salt === null || stored.payload === null) return { ...base, kind: 'erased', atMs: null, details: {} };
  const salt = parseBase64url(stored.salt, 32);
  const payload = parseBase64url(stored.payload, 512);
  if (salt === null || payload === null || !isAuditPayloadOf(entry, salt, payload)) return null;
  const opened = await openAuditPayload(
    payload,
    session.epochs.map(({ audit }) => audit),
  );
  if (!opened.ok) return { ...base, kind: 'sealed', atMs: null, details: {} };
  return { ...base, kind: opened.value.kind, atMs: opened.value.at * 1000, details: detailsOf(opened.value) };
}

function toDevice(device: string, chain: Chain): AuditDevice {
  const { label, org, entries, firstAtMs, lastAtMs, lastSeq, gaps, forks } = chain;
  return { device, label, org, entries, firstAtMs, lastAtMs, lastSeq, gaps, forks };
}
