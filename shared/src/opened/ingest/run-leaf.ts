/**
 * Reads one leaf through a route: sample, decision, chunks, ledger row. The leaf's failure ends here as a reason; whatever was
 * read before it stays counted.
 */
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes, toHex } from '../../base/bytes.ts';
import { Sha256 } from '../../sealed/crypto/hash.ts';
import { LeafError, readLeaf } from './leaf.ts';
import type { Leaf } from './leaf.ts';
import type { LeafCounts, Quarantine } from './ledger.ts';
import { LeafLedger } from './ledger.ts';
import type { ContainerForm } from './archive/container.ts';
import type { LeafRoute } from './line-route.ts';
import type { LedgerSource, LoadedRecord, QuarantineReason } from './record.ts';
import type { Sniff } from './sniff.ts';
import { sniffLeaf } from './sniff.ts';

/** Dialect and encoding are decided from this much of a leaf. */
export const SAMPLE_BYTES = 64 * 2 ** 10;

export interface SampledLeaf {
  readonly sniff: Sniff;
  readonly sample: Uint8Array;
  readonly isWholeSample: boolean;
  /** As its container or folder says; wrong, perhaps. */
  readonly sizeBytes: number;
  readonly ledger: LeafLedger;
}

export interface LeafRun {
  readonly quarantine: Quarantine;
  /** The route for a leaf, or the form of a container to have it expanded instead. */
  pick(sampled: SampledLeaf): LeafRoute | ContainerForm;
  emit(records: readonly LoadedRecord[]): Promise<void>;
  /** Called for every chunk; throws to cancel. */
  onBytes(chunk: Uint8Array, leaf: Leaf, offset: number): void;
  /** Awaited after each chunk, when its records were emitted. `lines` if the leaf can go on at its first byte not accounted for. */
  settled(ledger: LeafLedger, way: 'lines' | 'again'): Promise<void>;
  /** Where to go on; everything before was read by an earlier run. */
  readonly resume: { readonly offset: number; readonly counts: LeafCounts } | null;
  /** Largest archive that is collected in memory when it has no random access. */
  readonly memoryBytes: number;
}

export type LeafOutcome =
  | { readonly kind: 'row'; readonly row: LedgerSource; readonly sha256: Bytes }
  | {
      readonly kind: 'archive';
      readonly form: ContainerForm;
      readonly sha256: Bytes;
      readonly sizeBytes: number;
      /** Its bytes, where the leaf has no random access and they fit. */
      readonly bytes: Uint8Array | null;
      readonly failure: QuarantineReason | null;
    };

export async function runLeaf(leaf: Leaf, run: LeafRun): Promise<LeafOutcome> {
  const ledger = new LeafLedger(leaf.path, run.quarantine);
  const hash = new Sha256();
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  let route: LeafRoute | ContainerForm | null = null;
  let encoding: string | null = null;
  let failure: QuarantineReason | null = null;

  /** Bytes before it were accounted for by an earlier run: they are hashed, and no more. */
  let from = 0;
  const pushTo = (to: LeafRoute, chunk: Uint8Array, at: number): void => {
    if (at + chunk.length > from) to.push(at >= from ? chunk : chunk.subarray(from - at));
  };
  const start = (isWholeSample: boolean): void => {
    const [first] = held;
    const sample = (held.length === 1 && first !== undefined ? first : concatBytes(...held)).subarray(0, SAMPLE_BYTES);
    const sniff = sniffLeaf(leaf.path, sample, isWholeSample);
    encoding = sniff.kind === 'text' ? sniff.encoding : null;
    route = run.pick({ sniff, sample, isWholeSample, sizeBytes: leaf.sizeBytes, ledger });
    if (typeof route === 'string') return;
    let at = 0;
    if (run.resume !== null && route.resumeAt !== undefined) {
      from = run.resume.offset;
      ledger.restore(run.resume.counts);
      route.resumeAt(from);
    }
    for (const chunk of held) {
      pushTo(route, chunk, at);
      at += chunk.length;
    }
    held.length = 0;
  };

  const { chunks, isStable } = readLeaf(leaf);
  for (;;) {
    let chunk: Uint8Array;
    try {
      const step = await chunks.next();
      if (step.done === true) break;
      chunk = step.value;
    } catch (error) {
      failure = error instanceof LeafError ? error.reason : 'truncated';
      break;
    }
    ledger.bytesIn += chunk.length;
    try {
      run.onBytes(chunk, leaf, ledger.bytesIn - chunk.length);
    } catch (error) {
      await chunks.return();
      throw error;
    }
    hash.update(chunk);
    const current = route as LeafRoute | ContainerForm | null;
    if (current !== null && typeof current !== 'string') {
      pushTo(current, chunk, ledger.bytesIn - chunk.length);
      await ending(chunks, current.ready?.());
      await run.emit(current.take());
      await ending(chunks, run.settled(ledger, wayOf(current)));
      continue;
    }
    if (current === null || (leaf.slice === undefined && heldBytes <= run.memoryBytes)) {
      // A chunk may be a view of a buffer that its stream uses again.
      held.push(isStable ? chunk : chunk.slice());
      heldBytes += chunk.length;
    }
    if (current === null && heldBytes >= SAMPLE_BYTES) {
      start(false);
      const started = route as LeafRoute | ContainerForm | null;
      if (started !== null && typeof started !== 'string') await run.emit(started.take());
    }
    await ending(chunks, run.settled(ledger, wayOf(route)));
  }
  if (route === null) start(true);
  const sha256 = hash.digest();
  const done = route as LeafRoute | ContainerForm | null;
  if (typeof done === 'string' || done === null) {
    const isHeld = leaf.slice === undefined && heldBytes === ledger.bytesIn && heldBytes <= run.memoryBytes;
    return {
      kind: 'archive',
      form: done ?? 'zip',
      sha256,
      sizeBytes: ledger.bytesIn,
      bytes: isHeld ? concatBytes(...held) : null,
      failure,
    };
  }
  done.end();
  await done.ready?.();
  await run.emit(done.take());
  if (failure !== null) ledger.cutShort(failure);
  return { kind: 'row', sha256, row: ledger.close({ sha256: toHex(sha256), dialect: done.dialect, encoding }) };
}

function wayOf(route: LeafRoute | ContainerForm | null): 'lines' | 'again' {
  return route === null || typeof route === 'string' || route.resumeAt === undefined ? 'again' : 'lines';
}

/** Closes the stream where `work` fails: the route, or the load is stopped. */
async function ending(
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
  work: Promise<void> | undefined,
): Promise<void> {
  try {
    await work;
  } catch (error) {
    await chunks.return();
    throw error;
  }
}
