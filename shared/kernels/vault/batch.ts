/** A batch as it lies in memory. The caller writes these words in this order (wasm/cold-batch.ts), and has the columns there. */
import { clearLists, Lists } from './lists';

@unmanaged
export class Batch {
  // Columns by row; offsets of lists have one more.
  flags: usize;
  lengthBand: usize;
  classes: usize;
  strengthBand: usize;
  context: usize;
  cookieState: usize;
  machineOs: usize;
  machineCountry: usize;
  publishedAtMs: usize;
  ingestedAtMs: usize;
  capturedAtMs: usize;
  sightingOffsets: usize;
  ledgerOffsets: usize;
  tagOffsets: usize;
  // Values of lists.
  sightingSource: usize;
  sightingCapturedAtMs: usize;
  ledgerFactor: usize;
  tagCodes: usize;
  // Table of sources.
  sourceId: usize;
  sourceClass: usize;
  sourceAlias: usize;
  sourceFamily: usize;
  sourcePublishedAtMs: usize;
  sourceSeenAtMs: usize;
  // Table of factors.
  factorCode: usize;
  factorValue: usize;
  factorNote: usize;
  // Answers by row, a u32 each.
  featureOf: usize;
  datesOf: usize;
  sightingsOf: usize;
  ledgerOf: usize;
  tagsOf: usize;
  // Streams in the order of rows: doubles, and numbers of factors (room for one more).
  captures: usize;
  holes: usize;
  /** By row of the sources: 1 + the list of that source alone, captured with its row; 0: not known yet. */
  singles: usize;
  /** By row of the sources: 1 + its number; 0: not known yet. */
  sourceNumbers: usize;
  /** By row of the factors: its word in a ledger, or NOT_NAMED; above it its number. */
  factorWords: usize;
  /** By factor code: distinct factors of the sample. */
  codeCounts: usize;
  // Sizes of the tables.
  sourceRows: u32;
  factorRows: u32;
  factorCodes: u32;
  // Captures and holes written so far; the kernel keeps them.
  captured: u32;
  holeCount: u32;
}

export const BATCH = changetype<Batch>(64);
export const FEATURES = changetype<Lists>(512);
export const DATES = changetype<Lists>(544);
export const SOURCES = changetype<Lists>(576);
export const SIGHTINGS = changetype<Lists>(608);
export const FACTORS = changetype<Lists>(640);
export const LEDGERS = changetype<Lists>(672);
export const TAGS = changetype<Lists>(704);

export const NOT_NAMED: u32 = 0xffffffff;

/** After a batch was laid out: nothing of it is known yet. */
export function begin(): void {
  clearLists(FEATURES);
  clearLists(DATES);
  clearLists(SOURCES);
  clearLists(SIGHTINGS);
  clearLists(FACTORS);
  clearLists(LEDGERS);
  clearLists(TAGS);
  BATCH.captured = 0;
  BATCH.holeCount = 0;
  memory.fill(BATCH.singles, 0, (<usize>BATCH.sourceRows) << 2);
  memory.fill(BATCH.sourceNumbers, 0, (<usize>BATCH.sourceRows) << 2);
  memory.fill(BATCH.factorWords, 0xff, (<usize>BATCH.factorRows) << 3);
  memory.fill(BATCH.codeCounts, 0, (<usize>BATCH.factorCodes) << 2);
}
