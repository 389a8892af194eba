/** Features, dates and sightings of rows. */
import { BATCH, DATES, FEATURES, SIGHTINGS, SOURCES } from './batch';
import { endOf, intern, mixWord, NO_WORDS } from './lists';

/** Finds those of rows `from`..`to`. Answers how many captures were kept so far. */
export function findRows(from: u32, to: u32): u32 {
  findFeatures(from, to);
  findDates(from, to);
  findSightings(from, to);
  return BATCH.captured;
}

function findFeatures(from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const secret =
      <u32>load<u8>(BATCH.flags + row) |
      ((<u32>load<u8>(BATCH.lengthBand + row)) << 8) |
      ((<u32>load<u8>(BATCH.classes + row)) << 16) |
      ((<u32>load<u8>(BATCH.strengthBand + row)) << 24);
    const rest = <u32>load<u8>(BATCH.context + row) | ((<u32>load<u8>(BATCH.cookieState + row)) << 8);
    const four = (<usize>row) << 2;
    const os = load<u32>(BATCH.machineOs + four);
    const country = load<u32>(BATCH.machineCountry + four);
    const at = endOf(FEATURES);
    store<u32>(at, secret);
    store<u32>(at, rest, 4);
    store<u32>(at, os, 8);
    store<u32>(at, country, 12);
    const hash = mixWord(mixWord(mixWord(mixWord(NO_WORDS, secret), rest), os), country);
    store<u32>(BATCH.featureOf + four, intern(FEATURES, at + 16, hash));
  }
}

function findDates(from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const published = load<u64>(BATCH.publishedAtMs + ((<usize>row) << 3));
    const ingested = load<u64>(BATCH.ingestedAtMs + ((<usize>row) << 3));
    const at = endOf(DATES);
    store<u64>(at, published);
    store<u64>(at, ingested, 8);
    let hash = mixWord(mixWord(NO_WORDS, <u32>published), <u32>(published >> 32));
    hash = mixWord(mixWord(hash, <u32>ingested), <u32>(ingested >> 32));
    store<u32>(BATCH.datesOf + ((<usize>row) << 2), intern(DATES, at + 16, hash));
  }
}

/** Nearly all findings have one sighting, captured when they were: its list is looked up by the source alone. */
function findSightings(from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const four = (<usize>row) << 2;
    const start = load<u32>(BATCH.sightingOffsets + four);
    const stop = load<u32>(BATCH.sightingOffsets + four, 4);
    const own = load<f64>(BATCH.capturedAtMs + ((<usize>row) << 3));
    if (stop - start === 1 && isSameTime(captureAt(start), own)) {
      const known = load<u32>(BATCH.singles + (sourceAt(start) << 2));
      if (known !== 0) {
        store<u32>(BATCH.sightingsOf + four, known - 1);
        continue;
      }
    }
    store<u32>(BATCH.sightingsOf + four, listOf(start, stop, own));
  }
}

/** Number of the list of sightings `start`..`stop`, of a row that was captured `own`. */
function listOf(start: u32, stop: u32, own: f64): u32 {
  let flag: u32 = 0;
  for (let sighting = start; sighting < stop; sighting++) if (!isSameTime(captureAt(sighting), own)) flag = 1;
  if (flag === 1) keepCaptures(start, stop);
  let at = endOf(SIGHTINGS);
  store<u32>(at, flag);
  let hash = mixWord(NO_WORDS, flag);
  for (let sighting = start; sighting < stop; sighting++) {
    const number = sourceNumber(sourceAt(sighting));
    at += 4;
    store<u32>(at, number);
    hash = mixWord(hash, number);
  }
  const list = intern(SIGHTINGS, at + 4, hash);
  if (stop - start === 1 && flag === 0) store<u32>(BATCH.singles + (sourceAt(start) << 2), list + 1);
  return list;
}

function keepCaptures(start: u32, stop: u32): void {
  const count = BATCH.captured;
  const bytes = (<usize>(stop - start)) << 3;
  memory.copy(BATCH.captures + ((<usize>count) << 3), BATCH.sightingCapturedAtMs + ((<usize>start) << 3), bytes);
  BATCH.captured = count + stop - start;
}

/** Number of the source in row `row` of the table: nine words (cold-format.ts). */
function sourceNumber(row: usize): u32 {
  const known = load<u32>(BATCH.sourceNumbers + (row << 2));
  if (known !== 0) return known - 1;
  const at = endOf(SOURCES);
  store<u64>(at, load<u64>(BATCH.sourceId + (row << 3)));
  store<u64>(at, load<u64>(BATCH.sourceSeenAtMs + (row << 3)), 8);
  store<u32>(at, load<u32>(BATCH.sourceFamily + (row << 2)), 16);
  store<u32>(at, load<u32>(BATCH.sourceAlias + (row << 2)), 20);
  store<u32>(at, <u32>load<u8>(BATCH.sourceClass + row), 24);
  store<u64>(at, load<u64>(BATCH.sourcePublishedAtMs + (row << 3)), 28);
  let hash = NO_WORDS;
  for (let word: usize = 0; word < 36; word += 4) hash = mixWord(hash, load<u32>(at + word));
  const number = intern(SOURCES, at + 36, hash);
  store<u32>(BATCH.sourceNumbers + (row << 2), number + 1);
  return number;
}

function sourceAt(sighting: u32): usize {
  return <usize>load<u32>(BATCH.sightingSource + ((<usize>sighting) << 2));
}

function captureAt(sighting: u32): f64 {
  return load<f64>(BATCH.sightingCapturedAtMs + ((<usize>sighting) << 3));
}

/** Two unknown times (NaN) are the same. */
function isSameTime(a: f64, b: f64): bool {
  return a === b || (a !== a && b !== b);
}
