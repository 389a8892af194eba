import { describe, expect, test } from 'vitest';
import { estimatePassphrase, isPassphraseStrongEnough } from './passphrase-strength.ts';

describe('passphrase strength', () => {
  test.each([
    '',
    'hunter2',
    'password',
    'Password1!',
    'aaaaaaaaaaaaaaaaaaaaaaaa',
    'abcdefghijklmnopqrstuvwxyz',
    '12345678901234567890',
    'abababababababababab',
    'qwerty-admin-welcome-password',
    'รหัสผ่านรหัสผ่าน',
  ])('no vault is made behind %j', (passphrase) => {
    expect(isPassphraseStrongEnough(passphrase)).toBe(false);
  });

  test.each([
    'seven quiet herons cross the delta',
    'voruvo-judupa-rohata-buripe',
    'ช้างสามตัวเดินข้ามสะพานไม้ไผ่',
    'x7#Qm2!vT9zL',
  ])('a vault may be made behind %j', (passphrase) => {
    expect(isPassphraseStrongEnough(passphrase)).toBe(true);
  });

  test('another word never makes it weaker', () => {
    const words = 'seven quiet herons cross the muddy delta'.split(' ');
    const guesses = words.map((_, n) => estimatePassphrase(words.slice(0, n + 1).join(' ')).guessesLog10);
    expect(guesses).toEqual([...guesses].sort((a, b) => a - b));
  });
});
