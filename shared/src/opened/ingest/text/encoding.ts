/**
 * Which encoding a leaf has, decided once from its first bytes (INGEST, Encodings): BOM, NUL pattern, UTF-8, Thai, Cyrillic, else
 * Windows-1252. The decision holds for the whole leaf; single lines that are not UTF-8 in a UTF-8 file are read by `fallback`.
 */

export type ByteEncoding = 'utf-8' | 'windows-874' | 'windows-1251' | 'windows-1252';
export type Encoding = ByteEncoding | 'utf-16le' | 'utf-16be';

export interface TextSniff {
  readonly kind: 'text';
  readonly encoding: Encoding;
  /** Bytes of the byte order mark. */
  readonly bomBytes: number;
  /** For lines that do not decode in a UTF-8 file. */
  readonly fallback: ByteEncoding;
}

/** What the first bytes (`sample`, at most 64 KiB) say; `binary` is no text in any encoding we know. */
export function sniffText(sample: Uint8Array, isWhole: boolean): TextSniff | { readonly kind: 'binary' } {
  const [a, b, c] = sample;
  if (a === 0xef && b === 0xbb && c === 0xbf) return text('utf-8', 3, highByteGuess(sample));
  if (a === 0xff && b === 0xfe) return text('utf-16le', 2);
  if (a === 0xfe && b === 0xff) return text('utf-16be', 2);
  const counts = countBytes(sample);
  const wide = wideGuess(sample.length >> 1, counts);
  if (wide !== null) return text(wide, 0);
  if (counts.control > sample.length * MOST_CONTROL) return { kind: 'binary' };
  if (!counts.hasHigh) return text('utf-8', 0);
  const fallback = highByteGuess(sample);
  return text(isUtf8(sample, isWhole) ? 'utf-8' : isMostlyUtf8(sample) ? 'utf-8' : fallback, 0, fallback);
}

function text(encoding: Encoding, bomBytes: number, fallback: ByteEncoding = 'windows-1252'): TextSniff {
  return { kind: 'text', encoding, bomBytes, fallback };
}

/** Control characters other than tab, newlines and escape: a few stray NULs in a list do not make it binary. */
const MOST_CONTROL = 0.05;
const IS_CONTROL = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 && ![9, 10, 12, 13, 27].includes(byte) ? 1 : 0,
);

interface ByteCounts {
  /** NULs in the first and the second byte of each pair. */
  readonly evenNul: number;
  readonly oddNul: number;
  readonly control: number;
  readonly hasHigh: boolean;
}

/** All that one pass tells: most leaves of a stealer log are a kilobyte, and there are tens of thousands. */
function countBytes(sample: Uint8Array): ByteCounts {
  const paired = sample.length & ~1;
  let evenNul = 0;
  let oddNul = 0;
  let control = 0;
  let all = 0;
  for (let at = 0; at < sample.length; at++) {
    const byte = sample[at] as number;
    all |= byte;
    if (byte >= 0x20) continue;
    control += IS_CONTROL[byte] as number;
    if (byte !== 0 || at >= paired) continue;
    if ((at & 1) === 0) evenNul++;
    else oddNul++;
  }
  return { evenNul, oddNul, control, hasHigh: all >= 0x80 };
}

/** UTF-16 without a BOM: NUL in at least 30 % of one half of the pairs and nearly none of the other (Latin text is all NUL there). */
function wideGuess(pairs: number, { evenNul, oddNul }: ByteCounts): 'utf-16le' | 'utf-16be' | null {
  if (pairs < 2) return null;
  if (oddNul >= pairs * 0.3 && evenNul <= pairs * 0.02) return 'utf-16le';
  if (evenNul >= pairs * 0.3 && oddNul <= pairs * 0.02) return 'utf-16be';
  return null;
}

function isUtf8(sample: Uint8Array, isWhole: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: !isWhole });
    return true;
  } catch {
    return false;
  }
}

/** A UTF-8 file with some lines of another encoding: most high bytes belong to well-formed sequences of two or more bytes. */
function isMostlyUtf8(sample: Uint8Array): boolean {
  let formed = 0;
  let high = 0;
  for (let at = 0; at < sample.length; at++) {
    const byte = sample[at] as number;
    if (byte < 0x80) continue;
    high++;
    const follow = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc2 ? 1 : 0;
    let isFormed = follow > 0;
    for (let i = 1; i <= follow; i++) isFormed &&= ((sample[at + i] ?? 0) & 0xc0) === 0x80;
    if (!isFormed) continue;
    formed += follow + 1;
    high += follow;
    at += follow;
  }
  return formed > high * 0.5;
}

/** Thai if 90 % of the high bytes are Thai letters or marks of TIS-620, Cyrillic if letters C0-FF dominate, else Western. */
function highByteGuess(sample: Uint8Array): ByteEncoding {
  let high = 0;
  let thai = 0;
  let thaiPairs = 0;
  let cyrillic = 0;
  let cyrillicPairs = 0;
  for (let at = 0; at < sample.length; at++) {
    const byte = sample[at] as number;
    if (byte < 0x80) continue;
    high++;
    const previous = at > 0 ? (sample[at - 1] as number) : 0;
    if ((byte >= 0xa1 && byte <= 0xda) || (byte >= 0xdf && byte <= 0xfb)) {
      thai++;
      // A mark (vowel above or below, tone) stands on a consonant: A1-CE.
      if (
        (byte === 0xd1 || (byte >= 0xd4 && byte <= 0xda) || (byte >= 0xe7 && byte <= 0xee)) &&
        previous >= 0xa1 &&
        previous <= 0xee
      ) {
        thaiPairs++;
      }
    }
    if (byte >= 0xc0) {
      cyrillic++;
      if (previous >= 0xe0) cyrillicPairs++;
    }
  }
  if (high === 0) return 'windows-1252';
  if (thai >= high * 0.9 && thaiPairs > 0 && thaiPairs >= high * 0.08 && cyrillic < high * 0.9) return 'windows-874';
  if (cyrillic >= high * 0.8 && cyrillicPairs >= high * 0.3) return 'windows-1251';
  return thai >= high * 0.9 && thaiPairs > 0 ? 'windows-874' : 'windows-1252';
}
