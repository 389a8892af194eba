/**
 * Ledgers: most factors of a ledger are the same in thousands of rows and one or two (an age, a likelihood) differ from row to row.
 * Those leave a hole in the ledger and are kept beside it; what is left repeats.
 */
import { BATCH, FACTORS, LEDGERS, NOT_NAMED } from './batch';
import { endOf, intern, mixWord, NO_WORDS } from './lists';

/** Distinct factors of the sample that mean that their code varies, and what is added to twice a code in a ledger's words then. */
const MOST_FIXED: u32 = 96;
const VARIABLE: u32 = 1;

/** Numbers the first `count` factors: they tell which codes vary. */
export function sampleFactors(count: u32): void {
  for (let value: u32 = 0; value < count; value++) {
    const entry = entryOf(value);
    if (load<u32>(entry) === NOT_NAMED && load<u32>(entry, 4) === NOT_NAMED) numberOf(entry);
  }
  const size = FACTORS.size;
  for (let number: u32 = 0; number < size; number++) {
    const count = countOf(load<u32>(FACTORS.words + ((<usize>number) << 4), 8));
    store<u32>(count, load<u32>(count) + 1);
  }
}

/** Finds the ledgers of rows `from`..`to`. Answers how many holes there are so far. */
export function findLedgers(from: u32, to: u32): u32 {
  let hole = BATCH.holes + ((<usize>BATCH.holeCount) << 2);
  let value = load<u32>(BATCH.ledgerOffsets + ((<usize>from) << 2));
  for (let row = from; row < to; row++) {
    const stop = load<u32>(BATCH.ledgerOffsets + ((<usize>row) << 2), 4);
    let at = endOf(LEDGERS);
    let hash = NO_WORDS;
    for (; value < stop; value++) {
      const entry = entryOf(value);
      let word = load<u32>(entry);
      if (word === NOT_NAMED) word = nameFactor(entry);
      store<u32>(at, word);
      hash = mixWord(hash, word);
      at += 4;
      // Written always, passed only where there is a hole: that is hard to foretell.
      store<u32>(hole, load<u32>(entry, 4));
      hole += (<usize>(word & VARIABLE)) << 2;
    }
    store<u32>(BATCH.ledgerOf + ((<usize>row) << 2), intern(LEDGERS, at, hash));
  }
  BATCH.holeCount = <u32>((hole - BATCH.holes) >> 2);
  return BATCH.holeCount;
}

/** Where word and number of a ledger's value are kept. */
function entryOf(value: u32): usize {
  return BATCH.factorWords + ((<usize>load<u32>(BATCH.ledgerFactor + ((<usize>value) << 2))) << 3);
}

function countOf(code: u32): usize {
  return BATCH.codeCounts + ((<usize>code) << 2);
}

function nameFactor(entry: usize): u32 {
  const known = load<u32>(entry, 4);
  const number = known === NOT_NAMED ? numberOf(entry) : known;
  const code = load<u32>(BATCH.factorCode + ((entry - BATCH.factorWords) >> 1));
  const word = load<u32>(countOf(code)) > MOST_FIXED ? (code << 1) | VARIABLE : number << 1;
  store<u32>(entry, word);
  return word;
}

function numberOf(entry: usize): u32 {
  const eight = entry - BATCH.factorWords;
  const value = load<u64>(BATCH.factorValue + eight);
  const code = load<u32>(BATCH.factorCode + (eight >> 1));
  const note = load<u32>(BATCH.factorNote + (eight >> 1));
  const at = endOf(FACTORS);
  store<u64>(at, value);
  store<u32>(at, code, 8);
  store<u32>(at, note, 12);
  const hash = mixWord(mixWord(mixWord(mixWord(NO_WORDS, <u32>value), <u32>(value >> 32)), code), note);
  const number = intern(FACTORS, at + 16, hash);
  store<u32>(entry, number, 4);
  return number;
}
