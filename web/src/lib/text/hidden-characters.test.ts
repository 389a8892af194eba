/** Hostile text in logins and file names must not be able to hide or reorder what a person reads. */
import { expect, test } from 'vitest';
import { markHidden } from './hidden-characters.ts';

const names = (text: string) =>
  markHidden(text)
    .filter((part) => part.hidden)
    .map((part) => part.text);

test('plain Thai and Latin text is left as it is', () => {
  expect(markHidden('somchai@moe.example ปู่ ญี่ปุ่น ฤๅ')).toEqual([{ text: 'somchai@moe.example ปู่ ญี่ปุ่น ฤๅ', hidden: false }]);
});

test('a right-to-left override is named, not obeyed', () => {
  expect(markHidden('invoice\u202efdp.exe')).toEqual([
    { text: 'invoice', hidden: false },
    { text: 'U+202E', hidden: true },
    { text: 'fdp.exe', hidden: false },
  ]);
});

test('control, zero-width, isolate, tag and separator characters all show', () => {
  expect(names('a\u0000b\u001b[31m\u200b\u2066\u2028\u{e0041}\ufeff')).toEqual([
    'U+0000',
    'U+001B',
    'U+200B',
    'U+2066',
    'U+2028',
    'U+E0041',
    'U+FEFF',
  ]);
});

test('nothing is lost: the parts and the marked characters make up the text', () => {
  const text = '\u202aabc\u200d\ud83d\ude00\u00ad';
  const again = markHidden(text)
    .map((part) => (part.hidden ? String.fromCodePoint(Number.parseInt(part.text.slice(2), 16)) : part.text))
    .join('');
  expect(again).toBe(text);
});
