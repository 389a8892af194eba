/** How long a passphrase would hold against somebody who took the vault: an estimate that errs on the low side. */
import type { PassphraseStrength } from './api/profile.ts';
import { isCommonPassword } from './common-passwords.ts';

/** Log10 guesses below which no vault is made: with age scrypt at work factor 17, 10^11.5 guesses are thousands of years of a core. */
const MIN_GUESSES_LOG10 = 11.5;
/** Shorter ones are too weak whatever they are made of. */
const MIN_CHARACTERS = 10;

/** Words so common in passphrases that they add nothing. */
const COMMON =
  /password|passw0rd|qwerty|asdf|letmein|admin|welcome|sealpost|thaicert|12345|abc123|iloveyou|รหัสผ่าน|สวัสดี/giu;

/** A word of a list of 7,776, as passphrases are made from: 3.9 digits of guesses, however long it is. */
const WORD_GUESSES_LOG10 = 3.9;
/** Longer runs of letters are not one word of a list. */
const MAX_WORD = 12;

/** Estimates `passphrase`. Runs of one character, sequences, repeats and common words count little. Cost: linear. */
export function estimatePassphrase(passphrase: string): PassphraseStrength {
  const text = passphrase.normalize('NFC').replace(COMMON, '·');
  const alphabet = alphabetOf(text);
  const seen = new Set<string>();
  let guessesLog10 = 0;
  for (const word of text.split(/[\s\-_.]+/u)) {
    const repeated = seen.has(word.toLowerCase());
    seen.add(word.toLowerCase());
    if (repeated) continue;
    const byCharacters = effectiveLength(word) * Math.log10(alphabet);
    const isListed = word.length <= MAX_WORD && /^[a-z]+$|^[A-Z]+$|^[A-Z][a-z]+$/.test(word);
    guessesLog10 += isListed ? Math.min(byCharacters, WORD_GUESSES_LOG10) : byCharacters;
  }
  // one of those is among the first guesses, however it looks
  if (isCommonPassword(passphrase)) return { guessesLog10: Math.min(guessesLog10, 4), verdict: 'too_weak' };
  const isShort = [...passphrase].length < MIN_CHARACTERS;
  return { guessesLog10, verdict: isShort ? 'too_weak' : verdictOf(guessesLog10) };
}

/** Characters that an attacker has to guess: those that follow from the one before, or from a pair seen already, count little. */
function effectiveLength(word: string): number {
  const characters = [...word];
  const seenPairs = new Set<string>();
  let effective = 0;
  characters.forEach((character, i) => {
    const before = characters[i - 1];
    if (before === undefined) {
      effective += 1;
      return;
    }
    const step = (character.codePointAt(0) ?? 0) - (before.codePointAt(0) ?? 0);
    const pair = before + character;
    effective += Math.abs(step) <= 1 ? 0.2 : seenPairs.has(pair) ? 0.3 : 1;
    seenPairs.add(pair);
  });
  return effective;
}

/** True if a vault may be made behind it. */
export function isPassphraseStrongEnough(passphrase: string): boolean {
  return estimatePassphrase(passphrase).verdict !== 'too_weak';
}

function verdictOf(guessesLog10: number): PassphraseStrength['verdict'] {
  if (guessesLog10 < MIN_GUESSES_LOG10) return 'too_weak';
  if (guessesLog10 < 13) return 'fair';
  return guessesLog10 < 17 ? 'good' : 'strong';
}

function alphabetOf(text: string): number {
  let size = 0;
  if (/[a-z]/.test(text)) size += 26;
  if (/[A-Z]/.test(text)) size += 26;
  if (/[0-9]/.test(text)) size += 10;
  if (/[\u0e00-\u0e7f]/.test(text)) size += 60;
  if (/[^a-zA-Z0-9\u0e00-\u0e7f]/.test(text)) size += 20;
  return Math.max(size, 10);
}
