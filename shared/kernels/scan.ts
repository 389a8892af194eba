/**
 * The byte scanner: finds the lines of a window that hold a watch term, by the rules of `opened/scan/terms.ts` and with the answers
 * of `opened/scan/plain.ts`. `opened/scan/kernel-scanner.ts` owns the memory, says what lies where, and calls the passes in order:
 * one classifies the bytes, 64 at a time; the later ones touch ever fewer places. Each writes what it keeps without a branch, so
 * that nothing is mispredicted where nothing is found. They are exports, not one function, since an engine that inlines them all
 * into one runs out of registers (a fifth slower in V8).
 */
export { placeTable, addName } from './scan/name-table';
export {
  placeNames,
  newlineCount,
  collectEnds,
  keepEnds,
  collectSuffixes,
  keepSuffixes,
  markNames,
} from './scan/names';
export { placeTerms, addTerm, collectGrams, collectWords, collectStrings, markTerms } from './scan/terms';
export { placeMarks, takeLines } from './scan/marks';
