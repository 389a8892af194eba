/**
 * The payload of an age file (C2SP age, Payload: STREAM): pieces of 64 KiB, each with a tag. By WebCrypto's ChaCha20-Poly1305 where
 * the engine has it, else by the age library.
 */
import { Decrypter } from 'age-encryption';
import type { Bytes } from '../../base/bytes.ts';
import { freeBuffer, utf8 } from '../../base/bytes.ts';
import type { ByteSource } from '../../base/byte-source.ts';
import { sourceOfStream } from '../../base/byte-source.ts';
import { hkdfSha256 } from './hash.ts';

/** A file whose header was opened: all that reading its payload takes, and nothing that opens another file. */
export interface AgeOpening {
  /** The payload's key where WebCrypto has the algorithm (it cannot be exported), else the file key, 16 bytes. */
  readonly key: CryptoKey | Bytes;
  /** Header and nonce as they stand in the file. */
  readonly head: Bytes;
  /** The payload's first bytes, which were read with the header. */
  readonly rest: Uint8Array;
}

const PIECE = 65_536;
const TAG = 16;
const SEALED_PIECE = PIECE + TAG;
/** C2SP age: between header and payload. */
export const NONCE_BYTES = 16;
const ALGORITHM = 'ChaCha20-Poly1305';
/** Pieces being decrypted at once: an engine may do it on threads of its own. Chromium does it before it answers. */
const AHEAD = 2;

/** Makes an opening of the file key. `nonce`: the 16 bytes behind the header. `isPortable` leaves WebCrypto aside. */
export async function openingOf(
  fileKey: Bytes,
  head: Bytes,
  rest: Uint8Array,
  isPortable = false,
): Promise<AgeOpening> {
  if (isPortable) return { key: fileKey, head, rest };
  const payloadKey = hkdfSha256(fileKey, head.subarray(-NONCE_BYTES), utf8('payload'), 32);
  try {
    const key = await crypto.subtle.importKey('raw-secret' as 'raw', payloadKey, ALGORITHM, false, ['decrypt']);
    return { key, head, rest };
  } catch {
    return { key: fileKey, head, rest }; // an engine without it: importing is the way to ask
  }
}

/**
 * The plaintext, piece by piece. Each is authentic when it comes, but the file is complete only if the end comes: `next` rejects on
 * a changed, cut or extended file, or where `source` does, which brings what follows on `opening.rest`.
 */
export async function openPayload(opening: AgeOpening, source: ByteSource): Promise<ByteSource> {
  const { key, head, rest } = opening;
  if (!(key instanceof Uint8Array)) return new NativePayload(key, rest, source);
  const decrypter = new Decrypter();
  decrypter.addIdentity({ unwrapFileKey: () => Promise.resolve(key) });
  return sourceOfStream(await decrypter.decrypt(streamOf([head, rest], source)));
}

function streamOf(parts: Uint8Array[], source: ByteSource): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const piece = parts.shift() ?? (await source.next());
        if (piece === null) controller.close();
        else controller.enqueue(piece.slice());
      },
      cancel: () => source.cancel(),
    },
    { highWaterMark: 0 },
  );
}

class NativePayload implements ByteSource {
  readonly #key: CryptoKey;
  readonly #source: ByteSource;
  readonly #ahead: Promise<Bytes>[] = [];
  /** What came and was not taken yet. */
  #came: Uint8Array;
  /** A piece that came in parts. */
  readonly #held = new Uint8Array(SEALED_PIECE);
  #heldBytes = 0;
  #pieces = 0;
  #isAtEnd = false;
  /** What was handed out last. */
  #given: Bytes | null = null;

  constructor(key: CryptoKey, first: Uint8Array, source: ByteSource) {
    this.#key = key;
    this.#came = first;
    this.#source = source;
  }

  async next(): Promise<Uint8Array | null> {
    while (!this.#isAtEnd && this.#ahead.length < AHEAD) await this.#decryptOne();
    // Given back at once, its memory is still warm for the next piece.
    if (this.#given !== null) freeBuffer(this.#given.buffer);
    this.#given = (await this.#ahead.shift()) ?? null;
    return this.#given;
  }

  cancel(): Promise<void> {
    this.#isAtEnd = true;
    this.#ahead.length = 0;
    return this.#source.cancel();
  }

  /** Begins to decrypt one piece. Only the end of the source tells whether a piece is the last, so one more byte is waited for. */
  async #decryptOne(): Promise<void> {
    for (;;) {
      if (this.#heldBytes === 0 && this.#came.length > SEALED_PIECE) {
        this.#begin(this.#came.subarray(0, SEALED_PIECE), false);
        this.#came = this.#came.subarray(SEALED_PIECE);
        return;
      }
      if (this.#heldBytes === SEALED_PIECE && this.#came.length > 0) {
        this.#heldBytes = 0;
        this.#begin(this.#held, false);
        return;
      }
      const part = this.#came.subarray(0, SEALED_PIECE - this.#heldBytes);
      this.#held.set(part, this.#heldBytes);
      this.#heldBytes += part.length;
      this.#came = this.#came.subarray(part.length);
      if (this.#came.length > 0) continue;
      const came = await this.#source.next();
      if (came !== null) {
        this.#came = came;
        continue;
      }
      this.#isAtEnd = true;
      // C2SP age: the last piece may be empty only if it is the first.
      if (this.#heldBytes === TAG && this.#pieces > 0) throw new TypeError('age: empty last piece');
      this.#begin(this.#held.subarray(0, this.#heldBytes), true);
      return;
    }
  }

  #begin(sealed: Uint8Array, isLast: boolean): void {
    const nonce = new Uint8Array(12);
    const view = new DataView(nonce.buffer);
    view.setUint32(7, this.#pieces++); // the end of an 11-byte counter; 2^32 pieces are 256 TiB
    nonce[11] = isLast ? 1 : 0;
    const piece = decrypt(this.#key, nonce, sealed);
    piece.catch(() => undefined); // told by whoever takes it
    this.#ahead.push(piece);
  }
}

/** `sealed` may be used again at once: WebCrypto copies its input before it answers (Web Cryptography API, 14.3.2, step 2). */
async function decrypt(key: CryptoKey, nonce: Bytes, sealed: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.decrypt({ name: ALGORITHM, iv: nonce }, key, sealed as Bytes));
}
