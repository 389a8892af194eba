/** The one folding of search: case and width do not count, nor how Thai that looks the same was typed. */

/** Spaces without width: Thai from the web holds them between words, where nobody sees or types them. */
const HIDDEN = '[\u00ad\u200b-\u200d\u2060\ufeff]+';
const THAI = /[\u0e00-\u0e7f]/u;
const HIDDEN_IN_THAI = new RegExp(`(?<=[\u0e00-\u0e7f])${HIDDEN}|${HIDDEN}(?=[\u0e00-\u0e7f])`, 'gu');
/** Nikhahit before its tone mark; NFKC writes sara am as tone mark, nikhahit, sara aa. */
const NIKHAHIT_FIRST = /\u0e4d([\u0e48-\u0e4b])/gu;

/**
 * NFKC, lower-case, line breaks as spaces (dictionaries are searched as one text with a line per entry); Thai without hidden
 * spaces, tone marks in one order, two sara e as sara ae. Never '' for a text; what is on either side of an '@' folds by itself.
 */
export function foldText(text: string): string {
  const folded = text.normalize('NFKC').toLowerCase().replaceAll('\n', ' ');
  if (!THAI.test(folded)) return folded;
  return folded.replace(HIDDEN_IN_THAI, '').replace(NIKHAHIT_FIRST, '$1\u0e4d').replaceAll('เเ', 'แ');
}
