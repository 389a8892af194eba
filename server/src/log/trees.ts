/**
 * The hash tree over each deployment's audit log. An append is staged in the commit of its job, signed once at the end of that
 * commit, and seen by readers only when it is durable. Nothing in here is the truth: after a storage error all of it is read again,
 * and where other processes write, too, the stored head is asked for each time.
 */
import { equalBytes, fromUtf8 } from '@sealpost/shared/base/bytes';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { checkpointText } from '@sealpost/shared/sealed/audit/checkpoint';
import { encodeNote, signNote } from '@sealpost/shared/sealed/audit/note';
import { packProofs } from '@sealpost/shared/sealed/audit/receipt';
import { TileNodes, tilesOfProof } from '@sealpost/shared/sealed/audit/tile-nodes';
import {
  appendLeaf,
  consistencyProof,
  EMPTY_FRONTIER,
  inclusionProofs,
  readFrontier,
  rootOf,
} from '@sealpost/shared/sealed/audit/tree';
import type { Frontier, NewNode } from '@sealpost/shared/sealed/audit/tree';
import { toBase64url } from '@sealpost/shared/base/base64url';
import type { SigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import type { Directory } from '@sealpost/shared/sealed/directory/model';
import { logKeys } from '@sealpost/shared/sealed/directory/roles';
import type { AuditAccepted } from '@sealpost/shared/sealed/wire/bodies';
import { findHead, extendTile, putHead, readTile } from '../store/log-tree.ts';
import type { Reader, Writer } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { nodeHashNatively } from './native-hash.ts';
import type { Unit } from './sequencer.ts';

/** What readers know of a log. */
export interface LogHead {
  readonly frontier: Frontier;
  /** The signed note. */
  readonly checkpoint: Bytes;
}

/** A log as it stands at one head, whatever is committed meanwhile. */
export interface LogView {
  readonly head: LogHead;
  /** That the log only grew since it had `from` leaves; `null` if it never had so many. */
  consistency(from: number): Promise<readonly Bytes[] | null>;
}

interface Log {
  head: LogHead;
  readonly nodes: TileNodes;
}

/** An append that is not durable yet. */
interface Staged {
  readonly frontier: Frontier;
  readonly made: readonly NewNode[];
  readonly origin: string;
}

export class LogTrees {
  readonly #reader: Reader;
  readonly #isShared: boolean;
  readonly #signer: SigningKey;
  readonly #logs = new Map<string, Promise<Log | null>>();

  constructor({ reader, isShared }: Pick<Store, 'reader' | 'isShared'>, signer: SigningKey) {
    this.#reader = reader;
    this.#isShared = isShared;
    this.#signer = signer;
  }

  /** The committed head; `null` while the log is empty. */
  async head(deployment: string): Promise<LogHead | null> {
    return (await this.#log(deployment))?.head ?? null;
  }

  /** Entries of the log as this job sees it: the index of the next one. */
  async size(unit: Unit, deployment: string): Promise<number> {
    const staged = unit.uncommitted.get(stagedName(deployment)) as Staged | undefined;
    return (staged ?? (await this.head(deployment)))?.frontier.size ?? 0;
  }

  /** Stages `leaves` behind what this commit has already. `directory`: with the `log` statement that names where they stand. */
  async stage(unit: Unit, directory: Directory, leaves: readonly Bytes[]): Promise<void> {
    const { deployment } = directory;
    const log = logKeys(directory);
    if (log === null) throw new Error('A deployment without a log statement cannot have a log.');
    const staged = unit.uncommitted.get(stagedName(deployment)) as Staged | undefined;
    let frontier = staged?.frontier ?? (await this.head(deployment))?.frontier ?? EMPTY_FRONTIER;
    const made = [...(staged?.made ?? [])];
    for (const leaf of leaves) {
      const next = appendLeaf(frontier, leaf, nodeHashNatively);
      frontier = next.frontier;
      made.push(...next.made);
    }
    unit.uncommitted.set(stagedName(deployment), { frontier, made, origin: log.origin } satisfies Staged);
    unit.finishWith(stagedName(deployment), (trx) => this.#finish(trx, unit.uncommitted, deployment));
  }

  /** The deployment is deleted in this job. */
  stageRemoval(unit: Unit, deployment: string): void {
    unit.uncommitted.delete(stagedName(deployment));
    unit.after(() => void this.#logs.delete(deployment));
  }

  /** Forgets everything read or made: it is read from the database again. */
  reload(): void {
    this.#logs.clear();
  }

  /** Newest checkpoint and the proof of each entry; `null` if one is not in the log. `from`: also that the log grew from there. */
  async receipts(deployment: string, indices: readonly number[], from: number | null): Promise<AuditAccepted | null> {
    const log = await this.#log(deployment);
    if (log === null) return null;
    const { head, nodes } = log; // one head for all of it: another commit may come in between
    const { size } = head.frontier;
    if (indices.some((index) => index >= size)) return null;
    const hasGrown = from !== null && from >= 1 && from <= size;
    const proofs = await withTiles(
      nodes,
      hasGrown ? [...indices, from - 1, Math.min(from, size - 1)] : indices,
      size,
      (level, index) => readTile(this.#reader, deployment, level, index),
      () => ({
        ...packProofs(inclusionProofs(nodes.node, indices, size)),
        ...(hasGrown ? { consistency: consistencyProof(nodes.node, from, size).map(toBase64url) } : {}),
      }),
    );
    return { indices: [...indices], checkpoint: noteText(head), ...proofs };
  }

  /** The log at its committed head; `null` while it is empty. */
  async view(deployment: string): Promise<LogView | null> {
    const log = await this.#log(deployment);
    if (log === null) return null;
    const { head, nodes } = log;
    const { size } = head.frontier;
    return {
      head,
      consistency: async (from) => {
        if (from < 1 || from > size) return null;
        const indices = [from - 1, Math.min(from, size - 1)];
        const read = (level: number, index: number) => readTile(this.#reader, deployment, level, index);
        return withTiles(nodes, indices, size, read, () => consistencyProof(nodes.node, from, size));
      },
    };
  }

  async #finish(trx: Writer, uncommitted: ReadonlyMap<string, unknown>, deployment: string): Promise<() => void> {
    const staged = uncommitted.get(stagedName(deployment)) as Staged | undefined;
    if (staged === undefined) return () => undefined; // deleted in the same commit
    const before = await this.#log(deployment);
    for (const tile of tilesToExtend(staged.made)) {
      await extendTile(trx, deployment, tile.level, tile.index, tile.hashes);
    }
    const head = await signHead(this.#signer, staged.origin, staged.frontier);
    await putHead(trx, deployment, {
      size: head.frontier.size,
      root: rootOf(head.frontier),
      checkpoint: head.checkpoint,
    });
    return () => {
      const nodes = before?.nodes ?? new TileNodes();
      for (const node of staged.made) nodes.putNode(node);
      if (before === null) this.#logs.set(deployment, Promise.resolve({ head, nodes }));
      else before.head = head;
    };
  }

  async #log(deployment: string): Promise<Log | null> {
    const known = await (this.#logs.get(deployment) ?? this.#remember(deployment, null));
    if (known === null || !this.#isShared) return known;
    const row = await findHead(this.#reader, deployment);
    const { frontier } = known.head;
    if (row !== null && row.size === frontier.size && equalBytes(row.root, rootOf(frontier))) return known;
    return this.#remember(deployment, known);
  }

  #remember(deployment: string, before: Log | null): Promise<Log | null> {
    const loading = loadLog(this.#reader, deployment, before);
    this.#logs.set(deployment, loading);
    // neither a failure nor a log that begins later is remembered
    const forget = (): void => {
      if (this.#logs.get(deployment) === loading) this.#logs.delete(deployment);
    };
    void loading.then((log) => log ?? forget(), forget);
    return loading;
  }
}

/** The head over `frontier`, signed. */
export async function signHead(signer: SigningKey, origin: string, frontier: Frontier): Promise<LogHead> {
  const text = checkpointText({ origin, size: frontier.size, root: rootOf(frontier) });
  const key = {
    name: origin,
    type: 'log',
    publicKey: signer.publicKey,
    sign: (message: Uint8Array) => signer.sign(message),
  } as const;
  return { frontier, checkpoint: encodeNote({ text, signatures: [await signNote(text, key)] }) };
}

/** The stored log; tiles that `before` holds are not read again, if they give the stored root. */
async function loadLog(reader: Reader, deployment: string, before: Log | null): Promise<Log | null> {
  const row = await findHead(reader, deployment);
  if (row === null) return null;
  if (row.checkpoint === null) throw new Error('A log has no checkpoint: it was not verified at the start.');
  const checkpoint = new Uint8Array(row.checkpoint);
  if (row.size === 0) return { head: { frontier: EMPTY_FRONTIER, checkpoint }, nodes: new TileNodes() };
  for (const nodes of before === null ? [new TileNodes()] : [before.nodes, new TileNodes()]) {
    const frontier = await withTiles(
      nodes,
      [row.size - 1],
      row.size,
      (level, index) => readTile(reader, deployment, level, index),
      () => readFrontier(nodes.node, row.size),
    );
    if (equalBytes(rootOf(frontier), row.root)) return { head: { frontier, checkpoint }, nodes };
  }
  throw new Error('The tiles of a log do not give its root: the database is damaged.');
}

/** Makes what needs the tiles of proofs about `indices`, after reading those that are not held. */
async function withTiles<T>(
  nodes: TileNodes,
  indices: readonly number[],
  size: number,
  read: (level: number, index: number) => Promise<Uint8Array>,
  make: () => T,
): Promise<T> {
  const wanted = new Map<string, { readonly level: number; readonly index: number }>();
  for (const index of indices.length === 0 ? [] : new Set(indices)) {
    for (const tile of tilesOfProof(index, size)) wanted.set(`${tile.level}/${tile.index}`, tile);
  }
  for (const { level, index } of wanted.values()) {
    const width = Math.min(256, Math.floor(size / 256 ** level) - index * 256);
    if (nodes.held(level, index) < width) nodes.putTile(level, index, await read(level, index));
  }
  return make();
}

/** Hashes that stand in tiles above the leaves: every eighth level. */
function tilesToExtend(
  made: readonly NewNode[],
): readonly { readonly level: number; readonly index: number; readonly hashes: Uint8Array[] }[] {
  const tiles = new Map<string, { level: number; index: number; hashes: Uint8Array[] }>();
  for (const { level, index, hash } of made) {
    if (level === 0 || level % 8 !== 0) continue;
    const at = { level: level / 8, index: Math.floor(index / 256) };
    const key = `${at.level}/${at.index}`;
    const tile = tiles.get(key) ?? { ...at, hashes: [] };
    tile.hashes.push(hash);
    tiles.set(key, tile);
  }
  return [...tiles.values()];
}

function stagedName(deployment: string): string {
  return `tree/${deployment}`;
}

function noteText({ checkpoint }: LogHead): string {
  const text = fromUtf8(checkpoint);
  if (text === null) throw new Error('A stored checkpoint is damaged.');
  return text;
}
