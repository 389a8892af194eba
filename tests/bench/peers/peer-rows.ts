/** The bench's findings as a peer takes them: columns of texts and numbers, made anew from the seed outside of any measured time. */
import { toBase64url } from '@sealpost/shared/base/base64url';
import type { BundleColumns, TextColumn } from '@sealpost/shared/opened/bundle/columns';
import { NO_TEXT } from '@sealpost/shared/opened/bundle/columns';
import { makeColumns } from '../vault/material/make-columns.ts';
import { SEED } from '../vault/material/seeds.ts';
import { World } from '../vault/material/world.ts';

/** One text a row, `null` for none; rows share the strings of the dictionary. */
export interface Texts {
  at(row: number): string | null;
}

/** Texts and columns of the first `rows` findings. */
export class PeerRows {
  readonly columns: BundleColumns;
  readonly #texts = new Map<TextColumn, Texts>();

  constructor(rows: number) {
    this.columns = makeColumns({ seed: SEED, world: new World(SEED), worldRows: rows, policy: 'masked' }, [
      { from: 0, to: rows },
    ]);
  }

  texts(column: TextColumn): Texts {
    const known = this.#texts.get(column);
    if (known !== undefined) return known;
    const { offsets, heap } = column.dictionary;
    const decoder = new TextDecoder();
    const entries = Array.from({ length: offsets.length - 1 }, (_, at) =>
      decoder.decode(heap.subarray(offsets[at], offsets[at + 1])),
    );
    const texts = {
      at: (row: number) => {
        const code = column.codes[row] as number;
        return code === NO_TEXT ? null : (entries[code] ?? '');
      },
    };
    this.#texts.set(column, texts);
    return texts;
  }

  idBytes(row: number): Uint8Array<ArrayBuffer> {
    return this.columns.id.subarray(row * 16, row * 16 + 16);
  }

  idText(row: number): string {
    return toBase64url(this.idBytes(row));
  }
}
