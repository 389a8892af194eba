/**
 * Reads a whole log back before anything is served: every entry against its hash, its payload and the chain of its key, the tree
 * over all of them against the tiles, the stored root and the signed checkpoint. Signatures of entries are left to `verify-log`
 * from outside: a changed one is another leaf already.
 */
import { setImmediate as afterOthers } from 'node:timers/promises';
import { equalBytes } from '@sealpost/shared/base/bytes';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { err, ok } from '@sealpost/shared/base/result';
import type { Result } from '@sealpost/shared/base/result';
import { openCheckpoint } from '@sealpost/shared/sealed/audit/checkpoint';
import { checkContinues } from '@sealpost/shared/sealed/audit/continuity';
import type { AuditTip } from '@sealpost/shared/sealed/audit/continuity';
import { auditCommitMessage } from '@sealpost/shared/sealed/audit/entry';
import { TileNodes, tilesOfProof } from '@sealpost/shared/sealed/audit/tile-nodes';
import { appendLeaf, EMPTY_FRONTIER, readFrontier, rootOf } from '@sealpost/shared/sealed/audit/tree';
import type { Frontier } from '@sealpost/shared/sealed/audit/tree';
import type { SigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import { entryAt, payloadsOf, rowsFrom, writerHeads } from '../store/audit.ts';
import type { StoredRow } from '../store/audit.ts';
import { findHead, readTile, readTiles } from '../store/log-tree.ts';
import type { HeadRow } from '../store/log-tree.ts';
import type { Reader } from '../store/schema.ts';
import { isCommitOf, leafHashNatively, nodeHashNatively } from './native-hash.ts';
import { readEntry } from './entry-view.ts';

/** Up to here everything is read at every start (0.7 to 1.1 s of processor time for 16,000 entries in a fresh process). Longer logs are read from the last verified checkpoint on. */
const FULL_CHECK_ENTRIES = 1_000_000;
const PAGE_ENTRIES = 5_000;

/** What does not fit, and where it was found first. */
export type LogDamage =
  | { readonly kind: 'no-head' }
  | { readonly kind: 'missing' | 'entry' | 'payload' | 'order' | 'surplus'; readonly index: number }
  | { readonly kind: 'writer'; readonly kid: string }
  | { readonly kind: 'tile'; readonly level: number; readonly index: number }
  | { readonly kind: 'root' | 'checkpoint' | 'verified'; readonly size: number };

/** How a log is read back; all of it by default. */
export interface VerifyOptions {
  /** Longer logs are read from the last verified checkpoint on; for tests. */
  readonly fullCheckEntries?: number;
  /** Entries between two reports, at each of which others get their turn; for tests. */
  readonly pageEntries?: number;
  /** Entries that were read, and in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A log that holds together. `isSigned`: false right after an upgrade that brought the tree. */
export interface VerifiedLog {
  readonly frontier: Frontier;
  readonly isSigned: boolean;
}

type StoredPayload = Awaited<ReturnType<typeof payloadsOf>>[number];

interface Walk {
  frontier: Frontier;
  readonly tips: Map<string, AuditTip>;
  /** Hashes of the tiles above the leaves, by `level/index`. */
  readonly tiles: Map<string, Bytes[]>;
}

/** Verifies the log of `deployment`, whose `log` statement names `origin`. Cost: 45 to 70 µs of processor time an entry in a fresh process, 15 to 30 once its code is warm; */
export async function verifyLog(
  reader: Reader,
  deployment: string,
  origin: string,
  signer: SigningKey,
  { fullCheckEntries = FULL_CHECK_ENTRIES, pageEntries = PAGE_ENTRIES, onProgress }: VerifyOptions = {},
): Promise<Result<VerifiedLog, LogDamage>> {
  const head = await findHead(reader, deployment);
  if (head === null) return err({ kind: 'no-head' });
  const open = (note: Uint8Array) =>
    openCheckpoint(note, origin, { name: origin, type: 'log', publicKey: signer.publicKey });
  const begin = head.size > fullCheckEntries ? await beginAtVerified(reader, deployment, head, signer) : null;
  if (begin !== null && !begin.ok) return begin;
  const walk: Walk = { frontier: begin?.value ?? EMPTY_FRONTIER, tips: new Map(), tiles: new Map() };
  const isWhole = walk.frontier.size === 0;
  const walked = await walkEntries(reader, deployment, head.size, walk, pageEntries, async () => {
    onProgress?.(walk.frontier.size, head.size);
    await afterOthers(); // who asks how far it is gets an answer
  });
  if (!walked.ok) return walked;

  const tile = await differingTile(reader, deployment, walk, isWhole);
  if (tile !== null) return err({ kind: 'tile', ...tile });
  if (!equalBytes(rootOf(walk.frontier), head.root)) return err({ kind: 'root', size: head.size });
  for (const { kid, seq, head: leaf } of await writerHeads(reader, deployment)) {
    const tip = walk.tips.get(kid) ?? null;
    const isSame = tip !== null && tip.seq === seq && equalBytes(tip.leaf, leaf);
    if (!isSame && (isWhole || tip !== null)) return err({ kind: 'writer', kid });
    walk.tips.delete(kid);
  }
  const [lost] = walk.tips.keys();
  if (lost !== undefined) return err({ kind: 'writer', kid: lost });
  if (head.checkpoint === null) return ok({ frontier: walk.frontier, isSigned: false });
  const checkpoint = await open(head.checkpoint);
  const holds = checkpoint.ok && checkpoint.value.size === head.size && equalBytes(checkpoint.value.root, head.root);
  return holds ? ok({ frontier: walk.frontier, isSigned: true }) : err({ kind: 'checkpoint', size: head.size });
}

/** Where the last verified checkpoint ends: its signature, and the tiles up to it. Anything that does not fit: from the beginning. */
async function beginAtVerified(
  reader: Reader,
  deployment: string,
  head: HeadRow,
  signer: SigningKey,
): Promise<Result<Frontier, LogDamage> | null> {
  if (head.verified === null) return null;
  const text = Buffer.from(head.verified).toString('utf8');
  const origin = text.slice(0, text.indexOf('\n')); // an earlier epoch's, perhaps: the key is ours all the same
  const known = await openCheckpoint(head.verified, origin, {
    name: origin,
    type: 'log',
    publicKey: signer.publicKey,
  });
  const size = known.ok ? known.value.size : 0;
  if (!known.ok || size < 1 || size > head.size) return err({ kind: 'verified', size });
  const nodes = new TileNodes();
  for (const { level, index } of tilesOfProof(size - 1, size)) {
    nodes.putTile(level, index, await readTile(reader, deployment, level, index));
  }
  try {
    const frontier = readFrontier(nodes.node, size);
    if (equalBytes(rootOf(frontier), known.value.root)) return ok(frontier);
  } catch {
    // a tile is too short: as bad as a wrong one
  }
  return err({ kind: 'verified', size });
}

async function walkEntries(
  reader: Reader,
  deployment: string,
  size: number,
  walk: Walk,
  pageEntries: number,
  pause: () => Promise<void>,
): Promise<Result<void, LogDamage>> {
  const isWhole = walk.frontier.size === 0;
  for (;;) {
    await pause();
    const rows = await rowsFrom(reader, deployment, walk.frontier.size, pageEntries);
    const end = (rows.at(-1)?.position ?? -1) + 1;
    const payloads = await payloadsOf(reader, deployment, walk.frontier.size, end);
    let at = 0;
    for (const row of rows) {
      const index = walk.frontier.size;
      if (row.position !== index) return err({ kind: 'missing', index });
      if (index >= size) return err({ kind: 'surplus', index });
      while ((payloads[at]?.position ?? index) < index) at++;
      const payload = payloads[at]?.position === index ? payloads[at] : undefined;
      const damage = await checkRow(reader, deployment, { row, payload }, walk.tips, isWhole);
      if (damage !== null) return err({ kind: damage, index });
      const next = appendLeaf(walk.frontier, row.hash as Bytes, nodeHashNatively);
      walk.frontier = next.frontier;
      for (const node of next.made) {
        if (node.level === 0 || node.level % 8 !== 0) continue;
        const key = `${node.level / 8}/${Math.floor(node.index / 256)}`;
        walk.tiles.set(key, [...(walk.tiles.get(key) ?? []), node.hash]);
      }
    }
    if (rows.length < pageEntries) break;
  }
  return walk.frontier.size === size ? ok(undefined) : err({ kind: 'missing', index: walk.frontier.size });
}

async function checkRow(
  reader: Reader,
  deployment: string,
  { row, payload }: { readonly row: StoredRow; readonly payload: StoredPayload | undefined },
  tips: Map<string, AuditTip>,
  isWhole: boolean,
): Promise<'entry' | 'payload' | 'order' | null> {
  const entry = readEntry(row.entry);
  if (entry === null || !equalBytes(leafHashNatively(row.entry), row.hash)) return 'entry';
  const { kid, seq, prev, commit } = entry;
  if (kid !== row.kid || seq !== row.seq) return 'entry';
  let tip = tips.get(kid) ?? null;
  if (tip === null && !isWhole && seq > 1) {
    const before = await entryAt(reader, deployment, kid, seq - 1);
    tip = before === null ? null : { seq: seq - 1, leaf: before.hash };
  }
  if (checkContinues(tip, { seq, prev, leaf: row.hash as Bytes }, null) !== 'next') return 'order';
  tips.set(kid, { seq, leaf: row.hash });
  if (payload === undefined) return null; // erased: the entry stays
  return isCommitOf(commit, auditCommitMessage(payload.salt, payload.sealed)) ? null : 'payload';
}

/** The first stored tile that is not what the entries give; `null` if all are. In a partial walk only what it made is compared. */
async function differingTile(
  reader: Reader,
  deployment: string,
  walk: Walk,
  isWhole: boolean,
): Promise<{ readonly level: number; readonly index: number } | null> {
  const expected = new Map(walk.tiles);
  for (const { level, index, hashes } of await readTiles(reader, deployment)) {
    const made = Buffer.concat(expected.get(`${level}/${index}`) ?? []);
    expected.delete(`${level}/${index}`);
    const stored = isWhole ? hashes : hashes.subarray(hashes.length - made.length);
    if (!equalBytes(stored, made)) return { level, index };
  }
  const [lacking] = expected.keys();
  if (lacking === undefined) return null;
  const [level = 0, index = 0] = lacking.split('/').map(Number);
  return { level, index };
}

/** What the operator of the server is told. */
export function damageText(damage: LogDamage): string {
  switch (damage.kind) {
    case 'no-head':
      return 'its head is gone';
    case 'missing':
      return `entry ${damage.index} is missing`;
    case 'surplus':
      return `entry ${damage.index} stands behind the signed end`;
    case 'entry':
      return `entry ${damage.index} was altered`;
    case 'payload':
      return `the payload of entry ${damage.index} was altered`;
    case 'order':
      return `entry ${damage.index} does not continue the chain of its key`;
    case 'writer':
      return `the newest entry of key ${damage.kid} is not the one on record`;
    case 'tile':
      return `tile ${damage.level}/${damage.index} is not the hash of its entries`;
    case 'root':
      return `the tree of its ${damage.size} entries has another root`;
    case 'checkpoint':
      return `the checkpoint over ${damage.size} entries is not signed by this server's key`;
    case 'verified':
      return `the checkpoint verified last (${damage.size} entries) no longer fits`;
  }
}
