/** The columns' side of `mergeFinding` (merge-finding.ts): a finding that came again. */
import type { Columns } from './columns.ts';
import { EARLIER_TIME, KNOWN_TIME, LATER_TIME } from './time-column.ts';

/** Rows whose id another row has: that row, and their numbers as they were staged (rising). */
export interface Repeats {
  readonly keepers: Uint32Array<ArrayBuffer>;
  readonly later: Uint32Array<ArrayBuffer>;
}

/**
 * Merges the last staged rows, as many as there are `keepers`, into these, one after the other. Triage stays. Takes no memory: `room`
 * is the address of `mergeBytes`.
 */
export function mergeRows(columns: Columns, { keepers }: Repeats, room: number): void {
  const count = keepers.length;
  if (count === 0) return;
  const { memory, codes, planes, times, secrets, kernels, held } = columns;
  const formats = room;
  const listAt = (i: number) => room + times.captured.formatBytes + i * count * 4;
  const [from, to, fewFrom, fewTo] = [listAt(0), listAt(1), listAt(2), listAt(3)];
  for (let i = 0; i < count; i++) memory.u32[(from >> 2) + i] = held - count + i;
  memory.u32.set(keepers, to >> 2);

  // The worst class (the lowest code) is kept, with its alias.
  const { sourceClass } = planes;
  const worse = kernels.copyLower(sourceClass.table, sourceClass.bits, from, to, count, fewFrom, fewTo);
  codes.source.copy(fewFrom, fewTo, worse);
  // A family or capture that was known is not forgotten.
  if (!codes.family.isEmpty) {
    const { table, width } = codes.family;
    codes.family.copy(fewFrom, fewTo, kernels.listCoded(table, width, from, to, count, fewFrom, fewTo));
  }
  times.captured.merge(from, to, count, KNOWN_TIME, formats);
  times.firstSeen.merge(from, to, count, EARLIER_TIME, formats);
  times.lastSeen.merge(from, to, count, LATER_TIME, formats);

  const { identity, registrable, host, application, machine, machineName, mask, tagSet, score } = codes;
  for (const column of [identity, registrable, host, application, machine, machineName, mask, tagSet, score]) {
    column.copy(from, to, count);
  }
  const { identityKind, pathClass, exposure, level, confidence } = planes;
  for (const column of [identityKind, pathClass, exposure, level, confidence]) column.copy(from, to, count);
  secrets.copy(from, to, count);
}

/** Bytes that a merge of `count` rows works in: formats of times, four lists of rows. */
export function mergeBytes({ times }: Columns, count: number): number {
  return times.captured.formatBytes + 4 * count * 4;
}
