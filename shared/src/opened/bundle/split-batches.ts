/** A bundle's columns cut into batches, as a reader hands them over: dictionaries and tables shared, list offsets of each beginning at 0. */
import type { BundleColumns } from './columns.ts';

type Numbers = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Batches of at most `batchRows`; arrays are views where they can be. */
export function* splitBatches(columns: BundleColumns, batchRows = 65_536): Generator<BundleColumns> {
  for (let from = 0; from < columns.rows; from += batchRows) {
    const to = Math.min(from + batchRows, columns.rows);
    const bounds = (offsets: Uint32Array) => [offsets[from] as number, offsets[to] as number] as const;
    yield sliceColumns(columns, {
      rows: [from, to],
      sightings: bounds(columns.sightings.offsets),
      tags: bounds(columns.tags.offsets),
      ledger: bounds(columns.ledger.offsets),
    });
  }
}

/** From, to. */
type Range = readonly [number, number];

/** The rows and list values of `ends`; list offsets begin at 0 again. */
function sliceColumns(c: BundleColumns, ends: Record<'rows' | 'sightings' | 'tags' | 'ledger', Range>): BundleColumns {
  const cut = <T extends Numbers>(array: T, [from, to]: Range, width = 1) =>
    array.subarray(from * width, to * width) as T;
  const text = (column: BundleColumns['identity'], range: Range) => ({ ...column, codes: cut(column.codes, range) });
  const offsets = (array: Uint32Array<ArrayBuffer>, start: number) =>
    array.slice(ends.rows[0], ends.rows[1] + 1).map((offset) => offset - start);
  const { rows, sightings, tags, ledger } = ends;
  const sliced: Record<string, unknown> = { rows: rows[1] - rows[0] };
  for (const [name, column] of Object.entries(c)) {
    if (column instanceof Uint8Array || column instanceof Float64Array) {
      const width = name === 'id' || name === 'pairFp' || name === 'secretFp' ? 16 : 1;
      sliced[name] = cut(column as Uint8Array<ArrayBuffer>, rows, width);
    } else if (column === null) {
      sliced[name] = null;
    } else if (typeof column === 'object' && 'codes' in column) {
      sliced[name] = text(column, rows);
    }
  }
  const { sightings: s, ledger: l } = c;
  sliced['sightings'] = {
    offsets: offsets(s.offsets, sightings[0]),
    source: cut(s.source, sightings),
    capturedAtMs: cut(s.capturedAtMs, sightings),
    sources: s.sources,
  } satisfies BundleColumns['sightings'];
  sliced['tags'] = { offsets: offsets(c.tags.offsets, tags[0]), tag: text(c.tags.tag, tags) };
  sliced['ledger'] = {
    offsets: offsets(l.offsets, ledger[0]),
    factor: cut(l.factor, ledger),
    factors: l.factors,
  } satisfies BundleColumns['ledger'];
  return sliced as unknown as BundleColumns;
}
