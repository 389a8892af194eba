/** Containers of any form as leaves. One file a form in this folder; what a container's headers claim is believed by none of them. */
import type { Leaf } from '../leaf.ts';
import type { IngestLimits } from '../limits.ts';
import type { QuarantineReason } from '../record.ts';
import type { InflateBudget } from './inflate-guard.ts';

/** `xz` is only told, not opened: no list or log was ever seen in it alone. */
export type ContainerForm = 'zip' | '7z' | 'rar' | 'tar' | 'gz' | 'zst' | 'xz';

/** Bytes at hand or on disk. */
export interface ContainerSource {
  readonly sizeBytes: number;
  slice(start: number, end: number): Promise<Uint8Array>;
  /** A stream over all of it, for forms that are read from the start. */
  open(): ReadableStream<Uint8Array>;
}

export interface OpenedContainer {
  readonly leaves: readonly Leaf[];
  /** What is wrong with the container itself; its readable entries are in `leaves` all the same. */
  readonly problems: readonly QuarantineReason[];
  close(): Promise<void>;
}

/** What opening takes. */
export interface ContainerOptions {
  /** Shown path of the container. */
  readonly path: string;
  /** Tried in order, at most `limits.passwordTries`. */
  readonly passwords: readonly string[];
  readonly limits: IngestLimits;
  readonly budget: InflateBudget;
  /** libarchive's WebAssembly, for 7z and rar; without it they are quarantined whole. */
  readonly libarchive?: () => Promise<Uint8Array>;
  /** Awaited between pieces of work that give nothing yet; rejects to end the load. */
  readonly breathe?: () => Promise<void>;
}
