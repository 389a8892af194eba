/**
 * Credential blocks that a machine gave so far. Per-browser files repeat what the file of all passwords holds, some of them without
 * naming the browser: such a repetition is a copy, the same login in two browsers of one file is not.
 */

/** Blocks remembered per machine; in a file with more, later copies count as records. */
const MOST_KNOWN = 200_000;

interface KnownBlock {
  readonly application: string | null;
  readonly file: string;
}

export class KnownBlocks {
  readonly #byTuple = new Map<string, KnownBlock[]>();
  #size = 0;

  /** True if this machine gave the block before; else it is remembered. `file`: path of the leaf it stands in. */
  isCopy(file: string, url: string, login: string, password: string, application: string | null): boolean {
    // URL and login are of one line each: no two blocks have the same text.
    const tuple = `${url}\n${login}\n${password}`;
    const known = this.#byTuple.get(tuple);
    if (known?.some((block) => isSame(block, file, application)) === true) return true;
    if (this.#size >= MOST_KNOWN) return false;
    this.#size++;
    if (known === undefined) this.#byTuple.set(tuple, [{ application, file }]);
    else known.push({ application, file });
    return false;
  }
}

function isSame(known: KnownBlock, file: string, application: string | null): boolean {
  if (known.application === application) return true;
  return known.file !== file && (known.application === null || application === null);
}
