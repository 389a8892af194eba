/** The one folding of search: case and width are ignored, Thai stays as it is. */

/** NFKC, lower-case, line breaks as spaces (dictionaries are searched as one text with a line per entry). */
export function foldText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll('\n', ' ');
}
