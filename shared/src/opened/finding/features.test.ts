import { describe, expect, test } from 'vitest';
import { CLASS_DIGIT, CLASS_LOWER, CLASS_OTHER, CLASS_SYMBOL, CLASS_UPPER } from './finding.ts';
import { featureContext, secretFeatures } from './features.ts';
import { thaiToLatinKeys } from './password-words.ts';
import { estimateStrength } from './strength.ts';

const context = featureContext({
  listId: new Uint8Array(16),
  names: ['กระทรวงทดลอง', 'Ministry of Trials'],
  domains: ['trials.example'],
  exclude: [],
});

describe('features of a secret', () => {
  test('bands and classes follow what a reader sees, spaces included', () => {
    expect(secretFeatures('aA1! ก', context)).toMatchObject({
      lengthBand: '<8',
      classes: CLASS_LOWER | CLASS_UPPER | CLASS_DIGIT | CLASS_SYMBOL | CLASS_OTHER,
      fitsPolicy: false,
    });
    expect(secretFeatures('abcdefgh', context)).toMatchObject({ lengthBand: '8-11', fitsPolicy: false });
    expect(secretFeatures('abcdefg1', context).fitsPolicy).toBe(true);
    expect(secretFeatures('x'.repeat(16), context).lengthBand).toBe('16+');
  });
  test('the organisation’s own name is noticed', () => {
    expect(secretFeatures('Trials2568!', context).organisationName).toBe(true);
    expect(secretFeatures('Flowers2568!', context).organisationName).toBe(false);
  });
});

describe('strength', () => {
  const strength = (password: string) => estimateStrength(password, context.organisationWords);
  test.each(['123456', 'P@ssw0rd', 'password99!', 'Welcome2024', 'qwertyuiop', 'รหัสผ่าน', thaiToLatinKeys('รหัสผ่าน')])(
    '%s is common',
    (password) => {
      expect(strength(password)).toMatchObject({ common: true, band: 'very_weak' });
    },
  );
  test('Thai typed on a Latin keyboard is known for what it is', () => {
    expect(thaiToLatinKeys('รหัส')).toBe('isyl');
    expect(strength('isylzjko99x').thaiKeyboard).toBe(true);
  });
  test.each(['asdfgh2536', '11111111x', '25681231'])('patterns are cheap: %s', (password) => {
    expect(['very_weak', 'weak']).toContain(strength(password).band);
  });
  test('random texts are strong and longer ones are never weaker', () => {
    expect(strength('vT9#kq2Lw8z').band).toBe('strong');
    expect(strength('xk7wq').guessesLog10).toBeLessThan(strength('xk7wqp3').guessesLog10);
  });
  test('a megabyte costs no more than its beginning', () => {
    expect(strength('ab'.repeat(500_000)).band).toBe('strong');
  });
});
