/** How long a passphrase would hold against somebody who took the vault: an estimate that errs on the low side. */
import type { PassphraseStrength } from './api.ts';

/** Log10 guesses below which no vault is made: with age scrypt at work factor 17, 10^10 guesses cost years of a large machine. */
const MIN_GUESSES_LOG10 = 10;

/** Words so common in passphrases that they add nothing. */
const COMMON =
  /password|passw0rd|qwerty|asdf|letmein|admin|welcome|sealpost|thaicert|12345|abc123|iloveyou|รหัสผ่าน|สวัสดี/giu;

/** Estimates `passphrase`. Runs of one character, sequences, repeats and common words count little. Cost: linear. */
export function estimatePassphrase(passphrase: string): PassphraseStrength {
  const text = passphrase.normalize('NFC').replace(COMMON, '·');
  const characters = [...text];
  const alphabet = alphabetOf(text);
  let effective = 0;
  const seenPairs = new Set<string>();
  characters.forEach((character, i) => {
    const before = characters[i - 1];
    if (before === undefined) {
      effective += 1;
      return;
    }
    const step = (character.codePointAt(0) ?? 0) - (before.codePointAt(0) ?? 0);
    const pair = before + character;
    effective += step === 0 || Math.abs(step) === 1 ? 0.2 : seenPairs.has(pair) ? 0.3 : 1;
    seenPairs.add(pair);
  });
  const byCharacters = effective * Math.log10(alphabet);
  const words = text.split(/[\s\-_.]+/u).filter((word) => word.length > 1);
  // Words from a dictionary of some 7,776 (diceware): 3.9 digits of guesses each, if there are several different ones.
  const distinct = new Set(words.map((word) => word.toLowerCase())).size;
  const byWords = words.length >= 3 ? distinct * 3.9 : Number.POSITIVE_INFINITY;
  const guessesLog10 = Math.max(0, Math.min(byCharacters, byWords));
  return { guessesLog10, verdict: verdictOf(guessesLog10) };
}

/** True if a vault may be made behind it. */
export function isPassphraseStrongEnough(passphrase: string): boolean {
  return estimatePassphrase(passphrase).guessesLog10 >= MIN_GUESSES_LOG10;
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
