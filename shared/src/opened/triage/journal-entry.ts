/**
 * A journal entry: operations that were made together, in short. The same changes for many findings: change `k` of finding `i` is
 * operation number `i * stride + k`, and from its number follow its id and its logical time. So 10,000 findings triaged at once are
 * one entry of 16 bytes a finding. Operations of other devices, whose ids come as they are, fit the same form.
 */
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { FindingId } from '../finding/finding.ts';
import type { TriageChange, TriageOperation } from './triage.ts';

export const ID_BYTES = 16;
/** An operation's id is the entry's prefix and its number, 32 bits big-endian, counted from the entry's first. */
export const PREFIX_BYTES = 12;

export interface JournalEntry {
  /** Made on this device: one `undo` takes back all entries of its prefix. */
  readonly isOwn: boolean;
  /** Thumbprint of the device's signing key. */
  readonly device: string;
  /** Hybrid logical time of operation 0: milliseconds, counter. */
  readonly hlc: readonly [number, number];
  readonly prefix: Bytes;
  /** Last 32 bits of the id of operation 0. */
  readonly first: number;
  /** Numbers that one finding takes: at least as many as there are changes. */
  readonly stride: number;
  readonly changes: readonly TriageChange[];
  /** 16 bytes a finding. */
  readonly ids: Bytes;
}

/** Findings of an entry. */
export function findingCount({ ids }: Pick<JournalEntry, 'ids'>): number {
  return ids.length / ID_BYTES;
}

/** The same operations as entries of at most `most` findings; ids are views. */
export function cutEntry(entry: JournalEntry, most: number): readonly JournalEntry[] {
  const { first, stride, hlc, ids } = entry;
  return Array.from({ length: Math.ceil(findingCount(entry) / most) }, (_, part) => {
    const from = part * most;
    return {
      ...entry,
      hlc: [hlc[0], hlc[1] + from * stride] as const,
      first: first + from * stride,
      ids: ids.subarray(from * ID_BYTES, (from + most) * ID_BYTES),
    };
  });
}

/** Operation of finding `i`, change `k`. */
export function operationAt(entry: JournalEntry, i: number, k: number): TriageOperation {
  const number = i * entry.stride + k;
  return {
    id: operationId(entry.prefix, entry.first + number),
    findingId: toBase64url(entry.ids.subarray(i * ID_BYTES, (i + 1) * ID_BYTES)) as FindingId,
    change: entry.changes[k] as TriageChange,
    device: entry.device,
    hlc: [entry.hlc[0], entry.hlc[1] + number],
  };
}

/** All operations of an entry. */
export function operationsOf(entry: JournalEntry): TriageOperation[] {
  return Array.from({ length: findingCount(entry) }, (_, i) =>
    entry.changes.map((_change, k) => operationAt(entry, i, k)),
  ).flat();
}

/** Text of an operation's id. */
export function operationId(prefix: Bytes, number: number): string {
  const bytes = new Uint8Array(ID_BYTES);
  bytes.set(prefix);
  new DataView(bytes.buffer).setUint32(PREFIX_BYTES, number);
  return toBase64url(bytes);
}

/**
 * Operations of other devices as few entries: those of one entry there come together again, whichever order they came in. `null` if
 * an id or a time has no form that an operation can have.
 */
export function entriesOf(operations: readonly TriageOperation[]): readonly JournalEntry[] | null {
  const groups = new Map<string, ParsedOperation[]>();
  for (const operation of operations) {
    const parsed = parseOperation(operation);
    if (parsed === null) return null;
    const { device, hlc, change } = operation;
    const name = JSON.stringify([device, hlc[0], toBase64url(parsed.prefix), change]);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [parsed]);
    else group.push(parsed);
  }
  return [...groups.values()].flatMap((group) => runsOf(group.sort((a, b) => a.number - b.number)).map(entryOf));
}

interface ParsedOperation {
  readonly operation: TriageOperation;
  readonly prefix: Bytes;
  readonly number: number;
  readonly findingId: Bytes;
}

function parseOperation(operation: TriageOperation): ParsedOperation | null {
  const id = parseBase64url(operation.id, ID_BYTES);
  const findingId = parseBase64url(operation.findingId, ID_BYTES);
  const [ms, counter] = operation.hlc;
  if (id === null || findingId === null || !Number.isSafeInteger(ms) || ms < 0) return null;
  if (!Number.isInteger(counter) || counter < 0 || counter > 0xffffffff) return null;
  const number = new DataView(id.buffer).getUint32(PREFIX_BYTES);
  return { operation, prefix: id.slice(0, PREFIX_BYTES), number, findingId };
}

/** Runs whose ids and times rise by the same step. */
function runsOf(sorted: readonly ParsedOperation[]): readonly (readonly ParsedOperation[])[] {
  const runs: ParsedOperation[][] = [];
  let step = 0;
  for (const parsed of sorted) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const ahead = last === undefined ? 0 : parsed.number - last.number;
    const isInTime = last !== undefined && parsed.operation.hlc[1] - last.operation.hlc[1] === ahead;
    if (run !== undefined && ahead > 0 && isInTime && (run.length === 1 || ahead === step)) {
      step = ahead;
      run.push(parsed);
    } else runs.push([parsed]);
  }
  return runs;
}

function entryOf(run: readonly ParsedOperation[]): JournalEntry {
  const [{ operation, prefix, number }, second] = run as readonly [ParsedOperation, ...ParsedOperation[]];
  const ids = new Uint8Array(run.length * ID_BYTES);
  run.forEach(({ findingId }, i) => ids.set(findingId, i * ID_BYTES));
  const stride = second === undefined ? 1 : second.number - number;
  const { device, hlc, change } = operation;
  return { isOwn: false, device, hlc, prefix, first: number, stride, changes: [change], ids };
}
