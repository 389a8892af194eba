/**
 * Names from folders and archives are hostile text: shown, never opened. A shown path is NFC, has `/` between its parts, no `..`,
 * no drive, no control or bidirectional characters.
 */

/** Control characters, bidirectional controls and isolates, zero-width marks, line and paragraph separators (Unicode, UAX 9). */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;
const LONGEST = 1_024;

/** The shown form of `path`; unsafe characters become `\u{…}`, parts that climb become `_`. */
export function displayPath(path: string): string {
  const parts = path
    .slice(0, LONGEST)
    .normalize('NFC')
    .replace(/\\/g, '/')
    .replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .map((part) => (part === '..' ? '_' : part));
  return parts.join('/') || '_';
}

/** Folder of a shown path, '' at the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** Last part of a shown path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
