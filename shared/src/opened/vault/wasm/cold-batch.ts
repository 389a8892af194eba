/** Lays a batch out in the kernel's memory, as shared/kernels/vault/batch.ts reads it, with room for the most that it can need. */
import type { BundleColumns } from '../../bundle/columns.ts';
import { SOURCE_WORDS, TUPLE_WORDS } from '../cold-format.ts';
import type { Numbers } from '../packed-arrays.ts';
import { placesFrom, slotsFor } from './places.ts';
import type { VaultKernel } from './vault-kernel.ts';

/** Where the kernel has its record of the batch, and the records of its lists. */
const BATCH_AT = 64;
export const LISTS = {
  features: 512,
  dates: 544,
  sources: 576,
  sightings: 608,
  factors: 640,
  ledgers: 672,
  tags: 704,
} as const;

/** Where what is packed lies. */
export interface ColdBatch {
  readonly featureOf: number;
  readonly datesOf: number;
  readonly sightingsOf: number;
  readonly ledgerOf: number;
  readonly tagsOf: number;
  readonly captures: number;
  readonly holes: number;
  /** Room for a column of words, and for one of shorts. */
  readonly column: number;
  readonly narrow: number;
}

/** Lays out and begins `c`. `null` if it takes more than `mostBytes`, or than there is. */
export function layColdBatch(kernel: VaultKernel, c: BundleColumns, mostBytes: number): ColdBatch | null {
  const place = placesFrom(kernel.run.heapBase());
  const columns = columnsOf(c);
  const [sightings, factors] = [c.sightings.source.length, c.ledger.factor.length];
  const sourceRows = c.sightings.sources.seenAtMs.length;
  const factorRows = c.ledger.factors.value.length;
  const factorCodes = c.ledger.factors.code.dictionary.offsets.length - 1;

  const columnsAt = columns.map(({ byteLength }) => place(byteLength));
  const byRow = () => place(c.rows * 4);
  const [featureOf, datesOf, sightingsOf, ledgerOf, tagsOf] = [byRow(), byRow(), byRow(), byRow(), byRow()];
  const captures = place(sightings * 8);
  const holes = place(factors * 4 + 4);
  const inner = [place(sourceRows * 4), place(sourceRows * 4), place(factorRows * 8), place(factorCodes * 4)];
  const lists = listsOf(c).map(({ most, words }) => [
    place(slotsFor(most) * 4),
    place(most * 4),
    place(most * 4 + 4),
    place(words * 4),
  ]);
  const longest = Math.max(c.rows, ...listsOf(c).map(({ words }) => words));
  const column = place(longest * 4);
  const narrow = place(longest * 2);
  const end = place(0);

  if (end > mostBytes || !kernel.reserve(end)) return null;
  const answers = [featureOf, datesOf, sightingsOf, ledgerOf, tagsOf, captures, holes];
  kernel.words.set([...columnsAt, ...answers, ...inner, sourceRows, factorRows, factorCodes], BATCH_AT / 4);
  Object.values(LISTS).forEach((at, i) => kernel.words.set(lists[i] as number[], at / 4));
  columns.forEach((values, i) => kernel.put(columnsAt[i] as number, values));
  kernel.run.begin();
  return { featureOf, datesOf, sightingsOf, ledgerOf, tagsOf, captures, holes, column, narrow };
}

/** In the order of the kernel's record. */
function columnsOf(c: BundleColumns): readonly Numbers[] {
  const { sources } = c.sightings;
  const { factors } = c.ledger;
  return [
    c.flags,
    c.lengthBand,
    c.classes,
    c.strengthBand,
    c.context,
    c.cookieState,
    c.machineOs.codes,
    c.machineCountry.codes,
    c.publishedAtMs,
    c.ingestedAtMs,
    c.capturedAtMs,
    c.sightings.offsets,
    c.ledger.offsets,
    c.tags.offsets,
    c.sightings.source,
    c.sightings.capturedAtMs,
    c.ledger.factor,
    c.tags.tag.codes,
    sources.sourceId,
    sources.sourceClass,
    sources.alias.codes,
    sources.family.codes,
    sources.publishedAtMs,
    sources.seenAtMs,
    factors.code.codes,
    factors.value,
    factors.note.codes,
  ];
}

/** The most lists that there can be of each kind, and words of all of them; in the order of LISTS. */
function listsOf({ rows, sightings, ledger, tags }: BundleColumns): readonly { most: number; words: number }[] {
  const tuples = (most: number, width: number) => ({ most, words: most * width });
  const sources = Math.min(sightings.sources.seenAtMs.length, sightings.source.length);
  const factors = Math.min(ledger.factors.value.length, ledger.factor.length);
  return [
    tuples(rows, TUPLE_WORDS),
    tuples(rows, TUPLE_WORDS),
    tuples(sources, SOURCE_WORDS),
    { most: rows, words: sightings.source.length + rows },
    tuples(factors, TUPLE_WORDS),
    { most: rows, words: ledger.factor.length },
    { most: rows, words: tags.tag.codes.length },
  ];
}
