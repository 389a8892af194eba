/**
 * Autofill files, for counting alone: what people typed into forms is never kept. Layouts seen (INGEST): `Field: x | Value: y`,
 * `FORM: x` and `VALUE: y`, `Name: x` and `Value: y` with rulers between, and StealC's `name value`.
 */

const BOTH = /^\s*(?:field|form|name)\s*:.*\|\s*value\s*:/i;
const VALUE = /^\s*value\s*:/i;
const NAME = /^\s*(?:field|form|name)\s*:/i;
const RULER = /^[\s=\-_*~#]*$/;

/** Counts the entries of one file; lines come in order. */
export class AutofillCounter {
  #entries = 0;
  #isKeyed = false;

  get entries(): number {
    return this.#entries;
  }

  addLine(line: string): void {
    if (BOTH.test(line) || VALUE.test(line)) {
      this.#isKeyed = true;
      this.#entries++;
    } else if (NAME.test(line)) this.#isKeyed = true;
    // In a file of keys any other line is more of a value.
    else if (!this.#isKeyed && !RULER.test(line) && /\S[\s:]+\S/.test(line)) this.#entries++;
  }
}
