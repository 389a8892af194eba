/** The audit log as an operator or auditor reads it: every entry checked against its signer's chain, payloads opened where they are ours. */
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import { equalBytes } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { JsonObject } from '../../base/strict-json.ts';
import { isAuditPayloadOf, NO_PREVIOUS, parseAuditEntry, verifyAuditEntry } from '../../sealed/audit/entry.ts';
import type { AuditEntry } from '../../sealed/audit/entry.ts';
import { openAuditPayload } from '../../sealed/audit/payload.ts';
import { appendLeaf, EMPTY_FRONTIER, rootOf } from '../../sealed/audit/tree.ts';
import { parsePublicKey } from '../../sealed/crypto/ed25519.ts';
import type { Kid } from '../../sealed/crypto/keys.ts';
import { thumbprint } from '../../sealed/crypto/keys.ts';
import type { Directory } from '../../sealed/directory/model.ts';
import { keyOf, logKeys } from '../../sealed/directory/roles.ts';
import { sidToBytes } from '../../sealed/envelope/statement.ts';
import { AuditPageSchema } from '../../sealed/wire/bodies.ts';
import type { AuditPage } from '../../sealed/wire/bodies.ts';
import { paths } from '../../sealed/wire/paths.ts';
import type { ClientError } from './api/client-error.ts';
import type { AuditDevice, AuditReport, AuditRow } from './api/record.ts';
import { detailsOf } from './audit-trail.ts';
import { Erasures } from './erasures.ts';
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

/** What to show of the log, and how much of it. */
export interface AuditFilter {
  readonly device: string | null;
  readonly kind: string | null;
  readonly limit: number;
}

/**
 * Reads the whole log up to a checkpoint that continues what this device saw before, checks every signature, sequence number and
 * link, and that the entries give the signed root; answers the newest rows that fit `filter`. What does not fit is an alarm. Gaps and
 * forks of a device are not: the log proves them. Payloads may be missing only where the server wrote down that it deleted them. Cost: one verification an entry, one agreement a payload.
 */
export async function readAudit(
  session: Session,
  filter: AuditFilter,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Result<AuditReport, ClientError>> {
  const chains = new Map<string, Chain>();
  const kinds = new Map<string, number>();
  const rows: AuditRow[] = [];
  const directory = session.directory.current;
  const proved = await session.witness.contact();
  if (!proved.ok) return proved;
  const { size: total, root, note } = proved.value;
  let frontier = EMPTY_FRONTIER;
  const erasures = new Erasures();
  const forged = (what: string, code: string, evidence: JsonObject): Result<never, ClientError> => {
    session.alarms.hold({ ...evidence, index: frontier.size, checkpoint: note });
    return err({ kind: 'forged', what, code });
  };
  while (frontier.size < total) {
    const page = await session.http.json(AuditPageSchema, {
      method: 'GET',
      path: paths(session.identity.deployment).auditAfter(frontier.size),
    });
    if (!page.ok) return page;
    if (page.value.entries.length === 0) return forged('log', 'missing-entry', { size: page.value.size });
    for (const stored of page.value.entries.slice(0, total - frontier.size)) {
      const { entry: received } = stored;
      if (stored.index !== frontier.size) return forged('log', 'missing-entry', { received, index: stored.index });
      const entry = parseAuditEntry(parseBase64url(received) ?? new Uint8Array());
      if (!entry.ok) return forged('audit', 'malformed', { received });
      const signer = signerOf(directory, entry.value.kid);
      if (signer === null) return forged('audit', 'unknown-signer', { received });
      if (!(await verifyAuditEntry(entry.value, sidToBytes(session.identity.deployment), signer.publicKey))) {
        return forged('audit', 'signature', { received });
      }
      follow(chains, entry.value, signer, stored.received * 1000);
      const row = await toRow(session, stored, entry.value, signer);
      if (row === null) return forged('audit', 'payload', { received, salt: stored.salt, payload: stored.payload });
      frontier = appendLeaf(frontier, entry.value.leaf).frontier;
      erasures.add(row);
      kinds.set(row.kind, (kinds.get(row.kind) ?? 0) + 1);
      if (filter.device !== null && row.device !== filter.device) continue;
      if (filter.kind !== null && row.kind !== filter.kind) continue;
      rows.push(row);
      if (rows.length > filter.limit) rows.shift();
    }
    onProgress(frontier.size, total);
  }
  const given = toBase64url(rootOf(frontier));
  if (given !== root) return forged('log', 'other-root', { given });
  const unexplained = erasures.unexplained();
  if (unexplained !== null) return forged('log', 'withheld-payload', unexplained);
  return ok({
    devices: [...chains].map(([device, chain]) => toDevice(device, chain)),
    kinds: [...kinds].map(([kind, count]) => ({ kind, count })).sort((a, b) => b.count - a.count),
    rows: rows.reverse(),
    total,
    provedAtMs: proved.value.provedAtMs,
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
