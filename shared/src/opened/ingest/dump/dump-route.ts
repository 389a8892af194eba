/**
 * The dump route: files whose rows are not lines. Accounts for each row as the line route does for each line; bytes between rows
 * (statements, brackets, headers) are ignored by rule.
 */
import type { SourceClass } from '../../finding/finding.ts';
import type { LineScanner } from '../../scan/scanner.ts';
import { junkFieldsRule } from '../dialects/junk.ts';
import type { LeafLedger } from '../ledger.ts';
import type { LeafRoute } from '../line-route.ts';
import { fieldsFit } from '../record-fields.ts';
import type { LoadedRecord } from '../record.ts';
import { CLEAR_SECRETS, secretContext, secretFields } from '../secret-form.ts';
import type { SecretContext } from '../secret-form.ts';
import type { TextSniff } from '../text/encoding.ts';
import { Utf16Transcoder, utf16Length } from '../text/utf16.ts';
import type { RowRecord } from './row-record.ts';
import { keepRow, toLoaded } from './row-record.ts';
import type { SpanSink } from './span-collector.ts';
import type { DumpForm, SpanMachine } from './span-machine.ts';

const LF = 10;

export interface DumpRouteOptions {
  readonly sniff: TextSniff;
  readonly form: DumpForm;
  readonly lineBytes: number;
  /** `null`: every row is a candidate. */
  readonly scanner: LineScanner | null;
  /** `null`: `breach_plain`, which a hash makes `breach_hash`. */
  readonly sourceClass: SourceClass | null;
  readonly ledger: LeafLedger;
}

export class DumpRoute implements LeafRoute, SpanSink {
  readonly dialect: string;
  readonly dialectConfidence: number;
  readonly #options: DumpRouteOptions;
  readonly #machine: SpanMachine;
  readonly #secrets: SecretContext;
  readonly #decoder: TextDecoder;
  readonly #transcoder: Utf16Transcoder | null;
  readonly #hits: number[] = [];
  #records: LoadedRecord[] = [];
  #bomLeft: number;
  #offset: number;
  /** Since the last row: counted as one span, however the chunks cut it. */
  #otherBytes = 0;
  #longBytes = 0;
  #isLongCandidate = false;

  constructor(options: DumpRouteOptions) {
    const { form, sniff } = options;
    this.#options = options;
    this.dialect = form.name;
    this.dialectConfidence = form.confidence;
    this.#machine = form.machine(this, form.rowBytes ?? options.lineBytes);
    const { sampleSecrets, secretColumn } = form;
    this.#secrets =
      sampleSecrets.length === 0 ? CLEAR_SECRETS : secretContext(sampleSecrets, secretColumn ?? undefined);
    const isWide = sniff.encoding === 'utf-16le' || sniff.encoding === 'utf-16be';
    this.#transcoder = isWide ? new Utf16Transcoder(sniff.encoding === 'utf-16be') : null;
    this.#decoder = new TextDecoder(isWide ? 'utf-8' : sniff.encoding, { ignoreBOM: true });
    this.#bomLeft = sniff.bomBytes;
    this.#offset = sniff.bomBytes;
    if (sniff.bomBytes > 0) options.ledger.ignore('bom', sniff.bomBytes);
  }

  push(chunk: Uint8Array): void {
    const skipped = Math.min(this.#bomLeft, chunk.length);
    this.#bomLeft -= skipped;
    const bytes = chunk.subarray(skipped);
    if (bytes.length > 0) this.#machine.push(this.#transcoder === null ? bytes : this.#transcoder.push(bytes));
  }

  end(): void {
    const last = this.#transcoder?.end();
    if (last !== undefined && last.bytes.length > 0) this.#machine.push(last.bytes);
    this.#machine.end();
    this.#endOther();
    if (last !== undefined && last.strayBytes > 0) {
      this.#options.ledger.quarantine('truncated', this.#offset, last.strayBytes);
    }
  }

  take(): LoadedRecord[] {
    const taken = this.#records;
    if (taken.length > 0) this.#records = [];
    return taken;
  }

  row(bytes: Uint8Array, start: number, end: number): void {
    this.#endOther();
    const { ledger, form } = this.#options;
    const length = this.#lengthOf(bytes, start, end);
    const offset = this.#offset;
    this.#offset += length;
    if (!this.#isCandidate(bytes, start, end)) {
      ledger.notCandidate(length);
      return;
    }
    const reading = form.read(this.#decoder.decode(trimNewline(bytes, start, end)));
    if (reading.kind === 'broken') ledger.quarantine(reading.reason, offset, length);
    else if (reading.kind === 'none') ledger.ignore('no-credential', length);
    else if (reading.kind === 'records') this.#given(reading.records, offset, length);
    else this.#record(reading.fields, reading.confidence, offset, length);
  }

  other(bytes: Uint8Array, start: number, end: number): void {
    const length = this.#lengthOf(bytes, start, end);
    this.#offset += length;
    this.#otherBytes += length;
  }

  longPart(window: Uint8Array, seenBytes: number): void {
    this.#endOther();
    this.#longBytes += this.#lengthOf(window, seenBytes, window.length);
    this.#isLongCandidate ||= this.#isCandidate(window, 0, window.length);
  }

  longEnd(): void {
    if (this.#isLongCandidate) this.#options.ledger.quarantine('line-too-long', this.#offset, this.#longBytes);
    else this.#options.ledger.notCandidate(this.#longBytes);
    this.#offset += this.#longBytes;
    this.#longBytes = 0;
    this.#isLongCandidate = false;
  }

  #record(
    fields: { url: string; login: string; password: string; salt: string; application: string | null },
    confidence: number,
    offset: number,
    length: number,
  ): void {
    const { ledger, sourceClass } = this.#options;
    const { url, login, password, salt, application } = fields;
    const rule = junkFieldsRule('', { url, login, password, application, confidence });
    if (rule !== null) ledger.ignore(rule, length);
    else if (!fieldsFit(url, login, password)) ledger.quarantine('field-too-long', offset, length);
    else {
      ledger.record(length);
      this.#records.push({
        provenance: { entry: ledger.path, offset, length },
        url,
        login,
        ...secretFields(password, this.#secrets, salt),
        application,
        sourceClass: sourceClass ?? 'breach_plain',
        machine: null,
        confidence,
        cookieState: 'none',
      });
    }
  }

  /** Records of one row: its bytes count with the first that is kept, else with the rule that excluded the last. */
  #given(given: readonly RowRecord[], offset: number, length: number): void {
    const { ledger } = this.#options;
    let left = length;
    let last: 'placeholder' | 'no-credential' | 'field-too-long' = 'no-credential';
    for (const record of given) {
      const kept = keepRow(record);
      if (kept !== 'keep') {
        last = kept;
        continue;
      }
      ledger.record(left);
      left = 0;
      this.#records.push({ provenance: { entry: ledger.path, offset, length }, ...toLoaded(record) });
    }
    if (left === 0) return;
    if (last === 'field-too-long') ledger.quarantine(last, offset, left);
    else ledger.ignore(last, left);
  }

  #endOther(): void {
    if (this.#otherBytes > 0) this.#options.ledger.ignore('no-credential', this.#otherBytes);
    this.#otherBytes = 0;
  }

  #isCandidate(bytes: Uint8Array, start: number, end: number): boolean {
    const { scanner, form } = this.#options;
    if (scanner === null || form.everyRow === true) return true;
    this.#hits.length = 0;
    scanner.scan(bytes, start, end, LF, this.#hits);
    return this.#hits.length > 0;
  }

  #lengthOf(bytes: Uint8Array, start: number, end: number): number {
    return this.#transcoder === null ? end - start : utf16Length(bytes, start, end);
  }
}

function trimNewline(bytes: Uint8Array, start: number, end: number): Uint8Array {
  let to = end;
  if (to > start && bytes[to - 1] === LF) to--;
  if (to > start && bytes[to - 1] === 13) to--;
  return bytes.subarray(start, to);
}
