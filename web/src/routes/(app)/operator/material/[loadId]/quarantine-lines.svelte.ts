/** Lines of a quarantine as text: read from the files at hand, a portion at a time, only once somebody asks to see them. */
import type { QuarantinedLine } from '@sealpost/shared/opened/ingest/record';
import { withIngestWorker } from '#lib/state/material-at-hand.svelte.ts';
import type { IngestSource } from '#workers/ingest.api.ts';

export class QuarantineLines {
  /** By line of the load; `null`: not in the files. */
  texts = $state.raw<ReadonlyMap<QuarantinedLine, string | null>>(new Map());
  reading = $state(false);

  /** Reads those of `lines` that were not read yet. `encodings` by shown path of the leaf. */
  async read(
    sources: readonly IngestSource[],
    lines: readonly QuarantinedLine[],
    encodings: ReadonlyMap<string, string>,
  ): Promise<void> {
    const missing = lines.filter((line) => !this.texts.has(line));
    if (missing.length === 0 || this.reading) return;
    this.reading = true;
    const spans = missing.map(({ entry, offset, length }) => ({
      ...{ entry, offset, length },
      encoding: encodings.get(entry) ?? null,
    }));
    const texts = await withIngestWorker((ingest) => ingest.readLines(sources, spans));
    this.reading = false;
    this.texts = new Map([...this.texts, ...missing.map((line, at) => [line, withoutNewline(texts[at])] as const)]);
  }

  /** Forgets what was read. */
  hide(): void {
    this.texts = new Map();
  }
}

/** The newline that ends a line belongs to it, but says nothing. */
function withoutNewline(text: string | null | undefined): string | null {
  return text?.replace(/\r?\n$/, '') ?? null;
}
