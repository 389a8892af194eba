/** Rows as typed columns with global codes. What a row says stands here; what codes mean stands in the dictionaries. */
import type { Bytes } from '../../base/bytes.ts';
import { withRoom } from './growable.ts';
import type { HotColumns, HotTimes } from './hot-columns.ts';
import { hotTimeAt } from './hot-times.ts';

const HOT_BYTES = ['identityKind', 'pathClass', 'exposure', 'sourceClass', 'level', 'confidence', 'score'] as const;
/** Text columns that stand in the hot columns as they do here. */
export const TEXT_COLUMNS = [
  'identity',
  'registrable',
  'host',
  'application',
  'source',
  'family',
  'machine',
  'machineName',
  'mask',
] as const;
const HOT_TIMES = ['capturedAtMs', 'firstSeenAtMs', 'lastSeenAtMs'] as const;
/** What triage says. */
const STATUS_BYTES = ['state', 'resolution'] as const;
/** Where the row's last appearance is: import, segment, row of the segment. `earlier`: 1 + its appearance before that, 0 for none. */
const PLACE_CODES = ['part', 'segment', 'segmentRow', 'earlier'] as const;

export type TextColumnName = (typeof TEXT_COLUMNS)[number];
type ByteName = (typeof HOT_BYTES | typeof STATUS_BYTES)[number];
type CodeName = TextColumnName | 'tagSet' | 'owner' | (typeof PLACE_CODES)[number];
type TimeName = (typeof HOT_TIMES)[number] | 'receivedAtMs';

const BYTE_NAMES: readonly ByteName[] = [...HOT_BYTES, ...STATUS_BYTES];
const CODE_NAMES: readonly CodeName[] = [...TEXT_COLUMNS, 'tagSet', 'owner', ...PLACE_CODES];
const TIME_NAMES: readonly TimeName[] = [...HOT_TIMES, 'receivedAtMs'];

const FINGERPRINT_BYTES = 16;

/** Target of rows that `RowColumns.write` is to leave out. */
export const NOWHERE = 0xffffffff;

/** Global codes by the codes of an import and of one of its segments. */
export interface Remaps extends Readonly<Record<TextColumnName, Uint32Array>> {
  readonly tagSet: Uint32Array;
}

export class RowColumns {
  readonly bytes = columnsOf(BYTE_NAMES, () => new Uint8Array(0));
  readonly codes = columnsOf(CODE_NAMES, () => new Uint32Array(0));
  /** NaN: unknown (captured only). */
  readonly times = columnsOf(TIME_NAMES, () => new Float64Array(0));
  /** 16 bytes a row, zeros for none; rows behind its end have none. */
  secretFp: Bytes = new Uint8Array(0);

  reserve(rows: number): void {
    for (const name of BYTE_NAMES) this.bytes[name] = withRoom(this.bytes[name], rows);
    for (const name of CODE_NAMES) this.codes[name] = withRoom(this.codes[name], rows);
    for (const name of TIME_NAMES) this.times[name] = withRoom(this.times[name], rows);
  }

  /** So that no merge needs memory for a fingerprint. */
  reserveFingerprints(rows: number): void {
    this.secretFp = withRoom(this.secretFp, rows * FINGERPRINT_BYTES);
  }

  /** Copies row `from + i` of a segment to `targets[i]` (NOWHERE: leaves it out). There must be room. Triage of a new row is `new`. */
  write(hot: HotColumns, from: number, targets: Uint32Array, remaps: Remaps): void {
    for (const name of HOT_BYTES) copyTo(hot[name], from, targets, this.bytes[name]);
    for (const name of TEXT_COLUMNS) mapTo(hot[name], from, targets, remaps[name], this.codes[name]);
    mapTo(hot.tagSet, from, targets, remaps.tagSet, this.codes.tagSet);
    for (const name of HOT_TIMES) timesTo(hot[name], from, targets, this.times[name]);
    for (let i = 0; i < targets.length; i++) {
      const row = targets[i] as number;
      if (row === NOWHERE) continue;
      this.bytes.state[row] = 0;
      this.bytes.resolution[row] = 0;
      this.codes.owner[row] = 0;
      this.codes.earlier[row] = 0;
      this.#putFingerprint(row, hot.secretFp, from + i);
    }
  }

  /** Row `row` becomes what row `other` of `later` says of it, on top of what it says. The columns' side of `mergeFinding`. */
  merge(row: number, later: RowColumns, other: number): void {
    const { bytes, codes, times } = this;
    const keptClass = bytes.sourceClass[row] as number;
    const keptSource = codes.source[row] as number;
    const keptFamily = codes.family[row] as number;
    const keptCapture = times.capturedAtMs[row] as number;
    const firstSeen = Math.min(times.firstSeenAtMs[row] as number, later.times.firstSeenAtMs[other] as number);
    const lastSeen = Math.max(times.lastSeenAtMs[row] as number, later.times.lastSeenAtMs[other] as number);
    for (const name of HOT_BYTES) bytes[name][row] = later.bytes[name][other] as number;
    for (const name of TEXT_COLUMNS) codes[name][row] = later.codes[name][other] as number;
    for (const name of ['tagSet', 'part', 'segment', 'segmentRow'] as const) {
      codes[name][row] = later.codes[name][other] as number;
    }
    if (keptClass < (bytes.sourceClass[row] as number)) {
      bytes.sourceClass[row] = keptClass;
      codes.source[row] = keptSource;
    }
    if (codes.family[row] === 0) codes.family[row] = keptFamily;
    const capture = later.times.capturedAtMs[other] as number;
    times.capturedAtMs[row] = Number.isNaN(capture) ? keptCapture : capture;
    times.firstSeenAtMs[row] = firstSeen;
    times.lastSeenAtMs[row] = lastSeen;
    this.#putFingerprint(row, later.secretFp, other);
  }

  get memoryBytes(): number {
    const all = [...Object.values(this.bytes), ...Object.values(this.codes), ...Object.values(this.times)];
    return all.reduce((sum, { byteLength }) => sum + byteLength, this.secretFp.byteLength);
  }

  /** From entry `at` of `fingerprints`; zeros where there is none. */
  #putFingerprint(row: number, fingerprints: Bytes | null, at: number): void {
    const [to, from] = [row * FINGERPRINT_BYTES, at * FINGERPRINT_BYTES];
    if (fingerprints === null || from >= fingerprints.length) {
      if (to < this.secretFp.length) this.secretFp.fill(0, to, to + FINGERPRINT_BYTES);
      return;
    }
    this.secretFp = withRoom(this.secretFp, to + FINGERPRINT_BYTES);
    for (let i = 0; i < FINGERPRINT_BYTES; i++) this.secretFp[to + i] = fingerprints[from + i] as number;
  }
}

function copyTo(values: Bytes, from: number, targets: Uint32Array, into: Uint8Array): void {
  for (let i = 0; i < targets.length; i++) {
    const row = targets[i] as number;
    if (row !== NOWHERE) into[row] = values[from + i] as number;
  }
}

function mapTo(
  codes: HotColumns['host'],
  from: number,
  targets: Uint32Array,
  remap: Uint32Array,
  into: Uint32Array,
): void {
  for (let i = 0; i < targets.length; i++) {
    const row = targets[i] as number;
    if (row !== NOWHERE) into[row] = remap[codes[from + i] as number] as number;
  }
}

function timesTo(times: HotTimes, from: number, targets: Uint32Array, into: Float64Array): void {
  for (let i = 0; i < targets.length; i++) {
    const row = targets[i] as number;
    if (row !== NOWHERE) into[row] = hotTimeAt(times, from + i);
  }
}

function columnsOf<Name extends string, T>(names: readonly Name[], make: () => T): Record<Name, T> {
  return Object.fromEntries(names.map((name) => [name, make()])) as Record<Name, T>;
}
