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

  test.each(['1qaz2wsx3edc4rfv', 'q1w2e3r4t5y6', 'administrator', 'Liverpool1', 'zxcvbnm123', 'A1B2C3D4E5'])(
    'the common password %j is refused, whatever it looks like',
    (passphrase) => {
      expect(isPassphraseStrongEnough(passphrase)).toBe(false);
      expect(estimatePassphrase(passphrase).guessesLog10).toBeLessThanOrEqual(4);
      expect(isPassphraseStrongEnough(`${passphrase} heron delta`)).toBe(true);
    },
  );

  test('another word never makes it weaker', () => {
    const words = 'seven quiet herons cross the muddy delta'.split(' ');
    const guesses = words.map((_, n) => estimatePassphrase(words.slice(0, n + 1).join(' ')).guessesLog10);
    expect(guesses).toEqual([...guesses].sort((a, b) => a - b));
  });
});
