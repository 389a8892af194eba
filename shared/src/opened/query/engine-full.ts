/** What an engine throws when memory is at its end. */

/**
 * The memory of the device, or the 4 GiB that WebAssembly can address, do not hold what was to be loaded. Nothing was lost: an
 * import that is rolled back leaves the engine as it was.
 */
export class EngineFullError extends Error {
  /** Bytes held when more were refused. */
  readonly heldBytes: number;

  constructor(heldBytes: number) {
    super('no memory for more findings');
    this.name = 'EngineFullError';
    this.heldBytes = heldBytes;
  }
}
