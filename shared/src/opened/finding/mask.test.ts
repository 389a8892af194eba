import { expect, test } from 'vitest';
import { maskText } from './mask.ts';

test.each([
  ['', '******'],
  ['abcdefg', '******'],
  ['abcdefgh', 'a******h'],
  ['abcdefghijk', 'a******k'],
  ['abcdefghijkl', 'ab******kl'],
  ['a'.repeat(200), 'aa******aa'],
  // Thai vowels and tone marks belong to their consonant: seven characters for a reader, more code points.
  ['ที่นี่ดีมีค่า', '******'],
  ['น้ำใจงามกว่าสิ่งใด', 'น้ำใ******ใด'],
  ['👨‍👩‍👧‍👦1234567', '👨‍👩‍👧‍👦******7'],
  ['pass\u202eword', 'p******d'],
])('%j is shown as %j', (secret, mask) => {
  expect(maskText(secret).normalize('NFD')).toBe(mask.normalize('NFD'));
});

test('masks of short secrets are all alike, so that no length leaks', () => {
  expect(new Set(['a', 'abc', 'abcdefg'].map(maskText)).size).toBe(1);
});
