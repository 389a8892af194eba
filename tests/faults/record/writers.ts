/** Devices that write to the record whatever happens: an answer that got lost is asked for again with the same bytes. */
import { parseBase64url, toBase64url } from '@sealpost/shared/base/base64url';
import { utf8 } from '@sealpost/shared/base/bytes';
import { openCheckpoint } from '@sealpost/shared/sealed/audit/checkpoint';
import { checkpointKeyOf, entryRulesOf } from '@sealpost/shared/sealed/audit/log-keys-of';
import { verifyConsistency } from '@sealpost/shared/sealed/audit/merkle';
import { verifyReceipts } from '@sealpost/shared/sealed/audit/receipt';
import { parseEntryBundle, tilePath, tilesOf } from '@sealpost/shared/sealed/audit/tile';
import { verifyLogFiles } from '@sealpost/shared/sealed/audit/verify-log-files';
import type { MadeAuditEntry } from '@sealpost/shared/sealed/audit/entry';
import { AuditAcceptedSchema, ConsistencySchema } from '@sealpost/shared/sealed/wire/bodies';
import { entriesBody } from '../../integration/entry-chain.ts';
import type { EntryChain } from '../../integration/entry-chain.ts';
import { checked, send } from '../../integration/scene.ts';
import type { Scene } from '../../integration/scene.ts';

/** What a server acknowledged, and whether it could prove it. */
export interface Acknowledged {
  /** Index by entry, in base64url. */
  readonly indices: Map<string, number>;
  /** The largest checkpoint that was answered. */
  largest: { readonly size: number; readonly root: Uint8Array } | null;
  /** Receipts that did not hold. */
  bad: number;
  /** Answers of 200. */
  answers: number;
}

export class RecordWriter {
  readonly chain: EntryChain;
  readonly #scene: Scene;
  readonly #acknowledged: Acknowledged;
  #waiting: readonly MadeAuditEntry[] = [];

  constructor(scene: Scene, chain: EntryChain, acknowledged: Acknowledged) {
    this.#scene = scene;
    this.chain = chain;
    this.#acknowledged = acknowledged;
  }

  /** Posts the next `count` entries, or again those that were not acknowledged yet; the status, or `null` if no answer came. */
  async post(count: number): Promise<number | null> {
    if (this.#waiting.length === 0) this.#waiting = await this.chain.next(count);
    const status = await postEntries(this.#scene, this.chain, this.#waiting, this.#acknowledged);
    if (status === 200) this.#waiting = [];
    return status;
  }
}

export function noneAcknowledged(): Acknowledged {
  return { indices: new Map(), largest: null, bad: 0, answers: 0 };
}

/** Posts entries once and takes down what the answer says; the status, or `null` if none came. */
export async function postEntries(
  scene: Scene,
  chain: EntryChain,
  made: readonly MadeAuditEntry[],
  acknowledged: Acknowledged,
): Promise<number | null> {
  const sending = { method: 'POST', path: scene.at.audit(), body: entriesBody(made) };
  const answer = await send(scene.origin, chain.signer, sending).catch(() => null);
  const text = await answer?.text().catch(() => null);
  if (answer?.status !== 200 || text === undefined || text === null) return answer?.status ?? null;
  const receipt = checked(AuditAcceptedSchema, JSON.parse(text));
  const key = checkpointKeyOf(await directoryOf(scene));
  const opened = key === null ? null : await openCheckpoint(utf8(receipt.checkpoint), key.name, key);
  const leaves = made.map(({ leaf }) => leaf);
  if (!opened?.ok || !verifyReceipts(receipt, leaves, opened.value.size, opened.value.root)) acknowledged.bad += 1;
  else if (opened.value.size > (acknowledged.largest?.size ?? 0)) acknowledged.largest = opened.value;
  for (const [at, { entry }] of made.entries()) {
    const name = toBase64url(entry);
    const index = receipt.indices[at] ?? -1;
    const before = acknowledged.indices.get(name);
    if (before !== undefined && before !== index) acknowledged.bad += 1;
    acknowledged.indices.set(name, index);
  }
  acknowledged.answers += 1;
  return 200;
}

/** What is wrong with a record now, compared with what was acknowledged. */
export interface RecordVerdict {
  readonly lost: number;
  readonly gaps: number;
  /** Why the log is refused from outside; `null` if it is not. */
  readonly fault: string | null;
}

/** Reads the whole log from outside, verifies it, and looks for everything that was acknowledged. */
export async function judgeRecord(scene: Scene, acknowledged: Acknowledged): Promise<RecordVerdict> {
  const get = async (path: string): Promise<Response> => send(scene.origin, scene.operator, { method: 'GET', path });
  const read = async (name: string): Promise<Uint8Array | null> => {
    const answer = await get(name === 'checkpoint' ? scene.at.checkpoint() : scene.at.tile(name));
    return answer.status === 200 ? new Uint8Array(await answer.arrayBuffer()) : null;
  };
  const directory = await directoryOf(scene, true);
  const key = checkpointKeyOf(directory);
  if (key === null) return { lost: 0, gaps: 0, fault: 'no key' };
  const verified = await verifyLogFiles(read, key, entryRulesOf(directory));
  if (!verified.ok) return { lost: 0, gaps: 1, fault: JSON.stringify(verified.error) };
  const entries: string[] = [];
  for (const name of tilesOf(verified.value.size)) {
    if (name.level !== 'entries') continue;
    const bundle = parseEntryBundle((await read(tilePath(name))) ?? new Uint8Array(0)) ?? [];
    entries.push(...bundle.map(toBase64url));
  }
  const lost = [...acknowledged.indices].filter(([entry, index]) => entries[index] !== entry).length;
  const { largest } = acknowledged;
  if (largest === null) return { lost, gaps: 0, fault: null };
  const answer = await get(scene.at.consistency(largest.size));
  if (answer.status !== 200) return { lost, gaps: 1, fault: 'shorter than a checkpoint that was answered' };
  const grown = checked(ConsistencySchema, await answer.json());
  const now = await openCheckpoint(utf8(grown.checkpoint), key.name, key);
  const proof = grown.consistency.map((hash) => parseBase64url(hash, 32) ?? new Uint8Array(0));
  const holds = now.ok && verifyConsistency(largest.size, now.value.size, largest.root, proof, now.value.root);
  return { lost, gaps: holds ? 0 : 1, fault: holds ? null : 'does not continue a checkpoint that was answered' };
}

const directories = new Map<string, ReturnType<Scene['directory']>>();

/** Fetched once: statements that matter here are there from the beginning. */
function directoryOf(scene: Scene, isFresh = false): ReturnType<Scene['directory']> {
  const known = isFresh ? undefined : directories.get(scene.deployment);
  if (known !== undefined) return known;
  const fetched = scene.directory();
  directories.set(scene.deployment, fetched);
  return fetched;
}
