/** Limits of ingest (INGEST, Limits): every one is enforced on bytes actually seen, never on declared sizes. */

export interface IngestLimits {
  /** Containers inside containers; the outermost counts 1. */
  readonly archiveDepth: number;
  readonly archiveEntries: number;
  /** Inflated bytes over all archives of one source. */
  readonly totalBytes: number;
  /** Inflated to stored, checked after `ratioFromBytes`. */
  readonly ratio: number;
  readonly ratioFromBytes: number;
  /** A line longer than this is never held whole. */
  readonly lineBytes: number;
  /** Largest nested or unsliceable archive, which has to be held in memory. */
  readonly memoryBytes: number;
  /** Quarantined lines kept by offset; more are counted only. */
  readonly quarantineRows: number;
  readonly passwordTries: number;
  readonly batchRecords: number;
  /** A checkpoint after this much was read, or so many records were handed on. */
  readonly checkpointBytes: number;
  readonly checkpointRecords: number;
}

/** Values for a browser; the CLI raises `totalBytes` to 50 GiB. */
export const INGEST_LIMITS: IngestLimits = {
  archiveDepth: 3,
  archiveEntries: 200_000,
  totalBytes: 8 * 2 ** 30,
  ratio: 200,
  ratioFromBytes: 64 * 2 ** 20,
  lineBytes: 64 * 2 ** 10,
  memoryBytes: 256 * 2 ** 20,
  quarantineRows: 100_000,
  passwordTries: 20,
  batchRecords: 2_000,
  checkpointBytes: 64 * 2 ** 20,
  checkpointRecords: 50_000,
};

/** Longest fields that a credential can have, in UTF-16 units; longer ones are no credential (`field-too-long`). */
export const MAX_LOGIN = 320;
export const MAX_PASSWORD = 1_024;
export const MAX_URL = 8_192;
/** A line longer than its longest fields together holds no credential, and is not weighed for one. */
export const MAX_LINE = MAX_URL + MAX_LOGIN + MAX_PASSWORD + 16;
