/** Random access to an archive's bytes. */
export interface ZipSource {
  readonly sizeBytes: number;
  /** `end` exclusive. */
  slice(start: number, end: number): Promise<Uint8Array>;
}
