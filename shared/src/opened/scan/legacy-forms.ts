/** Texts in the single-byte encodings that leak files come in: the scanner looks at bytes before anybody has decoded them. */

type Encoding = 'windows-874' | 'windows-1251' | 'windows-1252';

/** First and last code point of each stretch of letters, and the byte of the first (WHATWG Encoding, single-byte indexes). */
const STRETCHES: Readonly<Record<Encoding, readonly (readonly [number, number, number])[]>> = {
  'windows-874': [
    [0x0e01, 0x0e3a, 0xa1],
    [0x0e3f, 0x0e5b, 0xdf],
  ],
  'windows-1251': [
    [0x0410, 0x044f, 0xc0],
    [0x0401, 0x0401, 0xa8],
    [0x0451, 0x0451, 0xb8],
  ],
  'windows-1252': [[0x00c0, 0x00ff, 0xc0]],
};

/** Every encoding that has all letters of `text`, which is not ASCII; other signs than letters are not looked for. */
export function legacyForms(text: string): readonly (readonly [Encoding, Uint8Array])[] {
  const forms: (readonly [Encoding, Uint8Array])[] = [];
  for (const [encoding, stretches] of Object.entries(STRETCHES) as [Encoding, (typeof STRETCHES)[Encoding]][]) {
    const bytes = [...text].map((character) => byteOf(character.codePointAt(0) ?? 0, stretches));
    if (!bytes.includes(null)) forms.push([encoding, Uint8Array.from(bytes as number[])]);
  }
  return forms;
}

function byteOf(code: number, stretches: (typeof STRETCHES)[Encoding]): number | null {
  if (code < 0x80) return code;
  const stretch = stretches.find(([first, last]) => code >= first && code <= last);
  return stretch === undefined ? null : code - stretch[0] + stretch[2];
}
