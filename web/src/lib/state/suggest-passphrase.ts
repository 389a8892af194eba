/** A passphrase that can be said aloud and typed on any keyboard: four words of three syllables, 75 bits. */

const CONSONANTS = 'bdfghjklmnprstvz';
const VOWELS = 'aeiou';
const SYLLABLES_A_WORD = 3;
const WORDS = 4;

/** 16 x 5 syllables are 6.3 bits each; twelve of them make 75.8. Every syllable is drawn without bias. */
export function suggestPassphrase(): string {
  return Array.from({ length: WORDS }, () =>
    Array.from({ length: SYLLABLES_A_WORD }, () => pick(CONSONANTS) + pick(VOWELS)).join(''),
  ).join('-');
}

function pick(letters: string): string {
  const byte = new Uint8Array(1);
  const fair = 256 - (256 % letters.length);
  do crypto.getRandomValues(byte);
  while ((byte[0] ?? 0) >= fair);
  return letters.charAt((byte[0] ?? 0) % letters.length);
}
