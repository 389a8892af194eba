import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import type { Sealed } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes } from '../../base/bytes.ts';
import type { ByteSource } from '../../base/byte-source.ts';
import { sourceOfBytes, sourceOfStream } from '../../base/byte-source.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { AgeOpening } from './age-payload.ts';
import { NONCE_BYTES, openingOf, openPayload } from './age-payload.ts';
import { decodeBech32 } from './bech32.ts';

/** age v1 files with X25519 recipients (C2SP age): the only way anything is sealed to a key. Passphrases: `passphrase.ts`. */

/** An identity in the form that is stored, inside sealed records only. */
export interface AgeSecret {
  /** `AGE-SECRET-KEY-1…` */
  readonly secret: string;
  /** `age1…` */
  readonly recipient: string;
}

/** An identity in use: a non-extractable CryptoKey (deriveBits only). */
export interface AgeIdentity {
  readonly recipient: string;
  readonly key: CryptoKey;
}

/** `not-for-us`: no stanza opens with our identities (skip, don't alarm). `damaged`: not an age file, cut off or changed. */
export type AgeError = { readonly kind: 'not-for-us' } | { readonly kind: 'damaged' };

/** Makes a new X25519 identity. */
export async function generateAgeSecret(): Promise<AgeSecret> {
  const secret = await generateX25519Identity();
  return { secret, recipient: await identityToRecipient(secret) };
}

/** Makes a stored identity usable. Throws on a malformed secret (a damaged record); check a person's input with `parseAgeSecret`. */
export async function importAgeIdentity(secret: string): Promise<AgeIdentity> {
  const scalar = scalarOf(secret);
  if (scalar === null) throw new TypeError('importAgeIdentity: not an age secret');
  const key = await crypto.subtle.importKey('pkcs8', concatBytes(PKCS8_PREFIX, scalar), 'X25519', false, [
    'deriveBits',
  ]);
  return { recipient: await identityToRecipient(secret), key };
}

/** Reads `AGE-SECRET-KEY-1…`; `null` if it is none. */
export async function parseAgeSecret(text: string): Promise<AgeSecret | null> {
  return scalarOf(text) === null ? null : { secret: text, recipient: await identityToRecipient(text) };
}

/** True for `age1…` of an X25519 key in lower case: the only recipients Sealpost seals to. */
export function isAgeRecipient(text: string): boolean {
  return text.startsWith('age1') && decodeBech32(text)?.bytes.length === 32 && decodeBech32(text)?.prefix === 'age';
}

/** Seals `plain` to every one of `recipients` (1..N, `age1…`; all can open it). Throws on a malformed recipient: parse them first. */
export async function sealAge(plain: Uint8Array, recipients: readonly string[]): Promise<Sealed> {
  return (await encrypterFor(recipients).encrypt(plain)) as Sealed;
}

/** `sealAge` as a stream: the sealed file comes out in pieces of 64 KiB while the plaintext goes in. */
export async function sealAgeStream(
  plain: ReadableStream<Uint8Array>,
  recipients: readonly string[],
): Promise<ReadableStream<Uint8Array>> {
  return await encrypterFor(recipients).encrypt(plain);
}

/** Seals the content of one file. A second call throws: a file's key is for that file alone. */
export type SealOnce = (plain: Uint8Array) => Promise<Sealed>;

/**
 * `sealAge` in two steps: key and header of one file now, its content once that is known. For who waits for the second step: it makes
 * no key agreement, and takes 0.2 ms where the first took 2.
 */
export async function prepareAge(recipients: readonly string[]): Promise<SealOnce> {
  let content: ReadableStreamDefaultController<Uint8Array> | undefined;
  const plainStream = new ReadableStream<Uint8Array>({
    start(controller) {
      content = controller;
    },
  });
  const sealed = await sealAgeStream(plainStream, recipients);
  return async (plain) => {
    content?.enqueue(plain);
    content?.close();
    const source = sourceOfStream(sealed);
    const pieces: Uint8Array[] = [];
    for (let piece = await source.next(); piece !== null; piece = await source.next()) pieces.push(piece);
    return concatBytes(...pieces) as Bytes as Sealed;
  };
}

/**
 * Reads the header from `sealed` and opens it with the first of `identities` that fits; `openPayload` reads on. `isPortable` leaves
 * WebCrypto's ChaCha20-Poly1305 aside. Rejects where `sealed` does.
 */
export async function openAgeHeader(
  sealed: ByteSource,
  identities: readonly AgeIdentity[],
  isPortable = false,
): Promise<Result<AgeOpening, AgeError>> {
  const read = await readHead(sealed);
  if (read === null) return err({ kind: 'damaged' });
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity.key);
  try {
    const fileKey = await decrypter.decryptHeader(read.head.subarray(0, -NONCE_BYTES));
    return ok(await openingOf(fileKey as Bytes, read.head, read.rest, isPortable));
  } catch (error) {
    return err(ageErrorOf(error));
  }
}

/** Opens a small file whole; nothing is handed out unless it is complete. The plaintext is never longer than the file. */
export async function openAgeBytes(
  sealed: Uint8Array,
  identities: readonly AgeIdentity[],
  isPortable = false,
): Promise<Result<Bytes, AgeError>> {
  const source = sourceOfBytes(sealed);
  const opened = await openAgeHeader(source, identities, isPortable);
  if (!opened.ok) return opened;
  try {
    const payload = await openPayload(opened.value, source);
    const pieces: Uint8Array[] = [];
    for (let piece = await payload.next(); piece !== null; piece = await payload.next()) pieces.push(piece.slice());
    return ok(concatBytes(...pieces));
  } catch {
    return err({ kind: 'damaged' });
  }
}

/** A stream of `bytes` in pieces of 64 KiB, so that a large array is not copied through in one step. */
export function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.subarray(at, (at += 65_536)));
      if (at >= bytes.length) controller.close();
    },
  });
}

/** What the age library threw, as a value. It has no error types; the one message that matters is pinned by a test. */
export function ageErrorOf(error: unknown): AgeError {
  return error instanceof Error && error.message === "no identity matched any of the file's recipients"
    ? { kind: 'not-for-us' }
    : { kind: 'damaged' };
}

/** A header of a hundred recipients has some 15 KB. */
const MAX_HEADER_BYTES = 1024 * 1024;
const READ_BYTES = 16 * 1024;
const LF = 0x0a;
const DASH = 0x2d;

/** Header and nonce, and what came behind them; `null` if there is no end of a header. Whether it is one at all, the library says. */
async function readHead(sealed: ByteSource): Promise<{ readonly head: Bytes; readonly rest: Uint8Array } | null> {
  let head: Bytes = new Uint8Array(0);
  let lineAt = 0;
  for (let piece = await sealed.next(); piece !== null && head.length < MAX_HEADER_BYTES;) {
    const known = head.length;
    head = concatBytes(head, piece.subarray(0, READ_BYTES));
    for (let end = head.indexOf(LF, lineAt); end >= 0; end = head.indexOf(LF, lineAt)) {
      // The last line begins with "---", no other does: stanzas begin with "->", their bodies are base64.
      const isLast = head[lineAt] === DASH && head[lineAt + 1] === DASH && head[lineAt + 2] === DASH;
      const size = end + 1 + NONCE_BYTES;
      if (isLast && size <= head.length) return { head: head.slice(0, size), rest: piece.subarray(size - known) };
      if (isLast) break;
      lineAt = end + 1;
    }
    piece = piece.length > READ_BYTES ? piece.subarray(READ_BYTES) : await sealed.next();
  }
  return null;
}

/** PKCS #8 of an X25519 scalar (RFC 8410, section 7) up to the scalar. */
const PKCS8_PREFIX = new Uint8Array([0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20]);

function encrypterFor(recipients: readonly string[]): Encrypter {
  if (recipients.length === 0) throw new RangeError('sealAge: no recipient');
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    if (!isAgeRecipient(recipient)) throw new TypeError('sealAge: not an X25519 recipient');
    encrypter.addRecipient(recipient);
  }
  return encrypter;
}

function scalarOf(secret: string): Bytes | null {
  const decoded = secret.startsWith('AGE-SECRET-KEY-1') ? decodeBech32(secret) : null;
  return decoded?.prefix === 'age-secret-key-' && decoded.bytes.length === 32 ? decoded.bytes : null;
}
