/** Everything the server's code needs from outside, in one place: tests pass their own clock, randomness, storage and limits. */
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { BlobStore } from './blobs/blobs.ts';
import type { Directories } from './log/directories.ts';
import type { AuditChecker } from './log/audit-checker.ts';
import type { Changes } from './log/events.ts';
import type { LogKeys } from './log/keys.ts';
import type { Sequencer } from './log/sequencer.ts';
import type { Cosigners } from './log/cosigners.ts';
import type { LogTrees } from './log/trees.ts';
import type { Rates } from './guard/rate-limit.ts';
import type { Metrics } from './metrics.ts';
import type { Reader } from './store/schema.ts';
import type { Store } from './store/store.ts';
import type { WebApp } from './web-app.ts';

export interface Deps {
  readonly store: Pick<Store, 'isShared' | 'snapshot'>;
  readonly reader: Reader;
  readonly sequencer: Sequencer;
  readonly blobs: BlobStore;
  readonly directories: Directories;
  readonly trees: LogTrees;
  /** What witnesses cosigned. */
  readonly cosigners: Cosigners;
  readonly auditChecker: AuditChecker;
  readonly changes: Changes;
  readonly metrics: Metrics;
  readonly logKeys: LogKeys;
  readonly webApp: WebApp;
  readonly now: () => number;
  readonly random: (size: number) => Bytes;
  readonly rates: Rates;
  /** Authorities that requests may be signed for; known once the server listens. */
  readonly authorities: () => readonly string[];
  /** Origins that pages of ours have; the first one names the log. */
  readonly origins: () => readonly string[];
  /** Origins of apps hosted elsewhere that may call this API. */
  readonly appOrigins: readonly string[];
  /** Where the app served here finds the API; `null`: at its own origin. */
  readonly apiOrigin: string | null;
  readonly setupToken: string;
  /** Bytes of disk that uploads must leave free. */
  readonly reserveBytes: number;
  /** How long payloads of access events are kept. */
  readonly retainAccessDays: number;
  /** How long bundles are kept that every device has fetched; `null`: as long as they are listed. */
  readonly retainBundleDays: number | null;
  /** How long access requests are kept once they are decided; `null`: for ever. */
  readonly retainRequestDays: number | null;
  /** Waiting for requests to end: not ready for new ones. */
  readonly isDraining: () => boolean;
  /** A storage error after which nothing may be acknowledged any more: ends the process. */
  readonly onFatal: (error: unknown) => void;
  /** One line for the operator of the server; never a URL, a name, a token or a body. */
  readonly report: (line: string) => void;
}

/** The server's version in its `start` entries. */
export const SERVER_VERSION = 1;
