/** A file for the user's disk. */

/** A file to hand to the user. `bytes` is ciphertext or public. */
export interface SavedFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}
