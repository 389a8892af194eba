/**
 * The block route: credential blocks of stealer logs by one union grammar. A block ends at a blank line, a ruler, a repeated
 * key, or the end; a password may go on over the next lines. Every parsed block is a record, matched or not; a block that this
 * machine already gave is ignored as `copy`. Bounded memory: one block, and as many known ones as a real machine has.
 */
import type { SourceClass } from '../../finding/finding.ts';
import { isJunkLine, junkLineRule } from '../dialects/junk.ts';
import type { LeafLedger } from '../ledger.ts';
import type { LeafRoute } from '../line-route.ts';
import { MAX_PASSWORD } from '../limits.ts';
import { fieldsFit, passwordFields } from '../record-fields.ts';
import type { LoadedRecord, Machine } from '../record.ts';
import type { TextSniff } from '../text/encoding.ts';
import type { FeedSink } from '../text/line-feed.ts';
import { LineFeed } from '../text/line-feed.ts';
import { parseKeyLine } from './keys.ts';
import type { KnownBlocks } from './known-blocks.ts';

export interface BlockRouteOptions {
  readonly sniff: TextSniff;
  readonly sample: Uint8Array;
  readonly lineBytes: number;
  readonly sourceClass: SourceClass;
  readonly ledger: LeafLedger;
  readonly machine: Machine | null;
  /** Blocks this machine gave so far, shared by its files; `null` where copies cannot be told (no machine). */
  readonly known: KnownBlocks | null;
  /** Session cookie known for the host of a URL on this machine. */
  cookieState(url: string): LoadedRecord['cookieState'];
}

interface Block {
  software: string | null;
  profile: string | null;
  url: string | null;
  login: string | null;
  password: string | null;
  isOverlong: boolean;
  /** The last line was the password, or went on with it. */
  isPasswordLast: boolean;
  offset: number;
  end: number;
  bytes: number;
}

/** `["Chrome" = "Default"]`: names the software of the blocks that follow. */
const HEADER = /^\s*\["([^"]{1,64})"\s*=\s*"([^"]{0,64})"\]\s*$/;
const RULER = /^\s*(?:={8,}|-{8,}|\*{8,}|_{8,}|={3,}[^=]{1,64}={3,}|-{3,}[^-]{1,64}-{3,})\s*$/;

export class BlockRoute implements LeafRoute, FeedSink {
  readonly dialect = 'stealer-blocks';
  readonly dialectConfidence = 1;
  readonly #options: BlockRouteOptions;
  readonly #feed: LineFeed;
  #records: LoadedRecord[] = [];
  #block: Block | null = null;
  #headerSoftware: string | null = null;
  #hasSeenBlock = false;

  constructor(options: BlockRouteOptions) {
    this.#options = options;
    this.#feed = new LineFeed(options.sniff, options.sample, options.lineBytes, this);
    if (options.sniff.bomBytes > 0) options.ledger.ignore('bom', options.sniff.bomBytes);
  }

  push(chunk: Uint8Array): void {
    this.#feed.push(chunk);
  }

  end(): void {
    const { strayBytes, offset } = this.#feed.end();
    this.#closeBlock('truncated');
    if (strayBytes > 0) this.#options.ledger.quarantine('truncated', offset, strayBytes);
  }

  take(): LoadedRecord[] {
    const taken = this.#records;
    if (taken.length > 0) this.#records = [];
    return taken;
  }

  lines(bytes: Uint8Array, start: number, end: number, offset: number): void {
    for (let at = start, place = offset; at < end;) {
      const newlineAt = bytes.indexOf(this.#feed.newline, at);
      const next = newlineAt < 0 || newlineAt >= end ? end : newlineAt + 1;
      const length = this.#feed.originalLength(bytes, at, next);
      this.#line(this.#feed.decode(bytes, at, next), place, length);
      place += length;
      at = next;
    }
  }

  longPart(): void {
    // Nothing to look for: in this route every line is a candidate.
  }

  longEnd(offset: number, length: number): void {
    this.#closeBlock('unknown-block');
    this.#options.ledger.quarantine('line-too-long', offset, length);
  }

  #line(line: string, offset: number, length: number): void {
    const { ledger } = this.#options;
    const keyed = parseKeyLine(line);
    if (keyed !== null && keyed.role !== 'seller') {
      this.#key(keyed.role, keyed.value, offset, length);
      return;
    }
    const header = HEADER.exec(line);
    if (header !== null) {
      this.#closeBlock('unknown-block');
      this.#headerSoftware = [header[1], header[2]].filter((part) => part).join(' ');
      ledger.ignore('separator', length);
      return;
    }
    if (line.trim() === '' || RULER.test(line)) {
      this.#closeBlock('unknown-block');
      ledger.ignore(line.trim() === '' ? 'empty-line' : 'separator', length);
      return;
    }
    const block = this.#block;
    if (keyed === null && block !== null && block.isPasswordLast && offset === block.end && !isJunkLine(line)) {
      this.#continuePassword(block, line, offset, length);
      return;
    }
    const rule = keyed === null && !isJunkLine(line) ? null : (junkLineRule(line) ?? 'banner');
    if (rule !== null) ledger.ignore(rule, length);
    else if (block === null && !this.#hasSeenBlock) ledger.ignore('banner', length);
    else ledger.quarantine('unknown-block', offset, length);
  }

  #key(role: 'software' | 'profile' | 'url' | 'login' | 'secret', value: string, offset: number, length: number): void {
    this.#hasSeenBlock = true;
    if (this.#block !== null && this.#startsNew(this.#block, role)) this.#closeBlock('unknown-block');
    const block = (this.#block ??= emptyBlock(offset));
    if (role === 'software') block.software = value.trim();
    else if (role === 'profile') block.profile = value.trim();
    else if (role === 'url') block.url = value.trim();
    else if (role === 'login') block.login = value.trim();
    else block.password = value;
    block.isPasswordLast = role === 'secret';
    block.end = offset + length;
    block.bytes += length;
  }

  /** A key that the block already has begins the next one. */
  #startsNew(block: Block, role: 'software' | 'profile' | 'url' | 'login' | 'secret'): boolean {
    if (role === 'software') return block.software !== null;
    if (role === 'profile') return block.profile !== null;
    if (role === 'url') return block.url !== null;
    if (role === 'login') return block.login !== null;
    return block.password !== null;
  }

  #continuePassword(block: Block, line: string, offset: number, length: number): void {
    // Kept within bounds: a password of more than a kilobyte is none, and its block is quarantined whole.
    if ((block.password?.length ?? 0) + line.length > MAX_PASSWORD) block.isOverlong = true;
    else block.password = `${block.password ?? ''}\n${line}`;
    block.end = offset + length;
    block.bytes += length;
  }

  #closeBlock(reason: 'unknown-block' | 'truncated'): void {
    const block = this.#block;
    this.#block = null;
    if (block === null) return;
    const { ledger, machine, known, sourceClass } = this.#options;
    if (block.password === null || (block.url === null && block.login === null)) {
      if (onlyNamesSoftware(block)) ledger.ignore('no-credential', block.bytes);
      else ledger.quarantine(reason, block.offset, block.bytes);
      return;
    }
    const url = block.url ?? '';
    const login = block.login ?? '';
    if (block.isOverlong || !fieldsFit(url, login, block.password)) {
      ledger.quarantine('field-too-long', block.offset, block.bytes);
      return;
    }
    if (block.password.trim() === '') {
      ledger.ignore('empty-secret', block.bytes);
      return;
    }
    const software = block.software ?? this.#headerSoftware;
    const application =
      software === null || software === '' ? null : block.profile ? `${software} ${block.profile}` : software;
    if (known?.isCopy(ledger.path, url, login, block.password, application) === true) {
      ledger.ignore('copy', block.bytes);
      return;
    }
    ledger.record(block.bytes);
    this.#records.push({
      provenance: { entry: ledger.path, offset: block.offset, length: block.end - block.offset },
      url,
      login,
      ...passwordFields(block.password),
      application,
      sourceClass,
      machine,
      hashTypes: [],
      confidence: login === '' || url === '' ? 0.8 : 1,
      cookieState: this.#options.cookieState(url),
    });
  }
}

function emptyBlock(offset: number): Block {
  return {
    software: null,
    profile: null,
    url: null,
    login: null,
    password: null,
    isOverlong: false,
    isPasswordLast: false,
    offset,
    end: offset,
    bytes: 0,
  };
}

function onlyNamesSoftware(block: Block): boolean {
  return block.url === null && block.login === null && block.password === null;
}
