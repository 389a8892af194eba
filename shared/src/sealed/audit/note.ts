import { parseBase64, toBase64 } from '../../base/base64.ts';
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes, equalBytes, fromUtf8, u64be, utf8 } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import { verifyEd25519 } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/hash.ts';

/**
 * Signed notes (C2SP signed-note) with Ed25519 keys, and timestamped cosignatures of witnesses (C2SP tlog-cosignature). A note's
 * text means nothing until a known key's signature holds.
 */

/** Signature types of C2SP that are understood: a log's own, and a witness's over a checkpoint. */
export type NoteKeyType = 'log' | 'witness';
const TYPE_BYTE: Readonly<Record<NoteKeyType, number>> = { log: 1, witness: 4 };

/** A key that verifiers know. `name` has no spaces and no plus. */
export interface NoteKey {
  readonly name: string;
  readonly type: NoteKeyType;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export interface NoteSigner extends NoteKey {
  sign(message: Uint8Array): Promise<Bytes>;
}

/** One signature line, taken apart, not verified. */
export interface NoteSignature {
  readonly name: string;
  /** 4 bytes. */
  readonly keyId: Bytes;
  readonly signature: Bytes;
}

export interface Note {
  /** Ends with a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A signature that holds. `atSeconds`: when a witness signed; `null` for a log's own. */
export interface GoodSignature {
  readonly key: NoteKey;
  readonly atSeconds: number | null;
}

const MAX_NOTE_BYTES = 64 * 1024;
/** C2SP: at least 16 must be accepted. */
const MAX_SIGNATURES = 64;
const DASH = '\u2014 ';

/** Takes a note apart. Refuses what C2SP says no note is: other control characters, no empty line, malformed lines. */
export function parseNote(bytes: Uint8Array): Result<Note, { readonly kind: 'malformed' }> {
  const text = bytes.length <= MAX_NOTE_BYTES ? fromUtf8(bytes) : null;
  if (text === null || /[\u0000-\u0009\u000b-\u001f]/.test(text)) return err({ kind: 'malformed' });
  const split = text.lastIndexOf('\n\n');
  if (split < 0 || !text.endsWith('\n')) return err({ kind: 'malformed' });
  const lines = text.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) return err({ kind: 'malformed' });
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (signature === null) return err({ kind: 'malformed' });
    signatures.push(signature);
  }
  return ok({ text: text.slice(0, split + 1), signatures });
}

/** Reads one line `— name base64` (without its newline); `null` if it is none. */
function parseSignatureLine(line: string): NoteSignature | null {
  if (!line.startsWith(DASH)) return null;
  const [name = '', encoded = '', ...more] = line.slice(DASH.length).split(' ');
  const bytes = parseBase64(encoded);
  if (more.length > 0 || !isNoteName(name) || bytes === null || bytes.length < 5) return null;
  return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) };
}

/** UTF-8 bytes of a note. */
export function encodeNote({ text, signatures }: Note): Bytes {
  return utf8(`${text}\n${signatures.map((one) => `${signatureLine(one)}\n`).join('')}`);
}

/** `— name base64`, without a newline. */
export function signatureLine({ name, keyId, signature }: NoteSignature): string {
  return `${DASH}${name} ${toBase64(concatBytes(keyId, signature))}`;
}

/** Signs `text` (it ends with a newline). A witness's signature carries `atSeconds`, which only checkpoints may have. */
export async function signNote(
  text: string,
  signer: NoteSigner,
  atSeconds: number | null = null,
): Promise<NoteSignature> {
  if ((signer.type === 'witness') !== (atSeconds !== null)) throw new TypeError('signNote: a time, for witnesses only');
  const signature = await signer.sign(signedMessage(text, atSeconds));
  const full = atSeconds === null ? signature : concatBytes(u64be(atSeconds), signature);
  return { name: signer.name, keyId: noteKeyId(signer), signature: full };
}

/** A note with another signature; one by the same key takes the place of the earlier. */
export function withSignature(note: Note, signature: NoteSignature): Note {
  const others = note.signatures.filter(
    (one) => one.name !== signature.name || !equalBytes(one.keyId, signature.keyId),
  );
  return { ...note, signatures: [...others, signature] };
}

/**
 * The good signatures of known keys. Lines of unknown keys are passed over; one line of a known key that does not hold makes the
 * whole note bad (`null`), as C2SP says. Nothing of `text` may be used while the list is empty or `null`.
 */
export async function verifyNote(note: Note, keys: readonly NoteKey[]): Promise<readonly GoodSignature[] | null> {
  const good: GoodSignature[] = [];
  for (const { name, keyId, signature } of note.signatures) {
    const key = keys.find((one) => one.name === name && equalBytes(noteKeyId(one), keyId));
    if (key === undefined || good.some((one) => one.key === key)) continue;
    const parts = splitSignature(key.type, signature);
    if (parts === null) return null;
    const message = signedMessage(note.text, parts.atSeconds);
    if (!(await verifyEd25519(key.publicKey, parts.signature, message))) return null;
    good.push({ key, atSeconds: parts.atSeconds });
  }
  return good;
}

/** First four bytes of SHA-256(name LF type key). */
export function noteKeyId({ name, type, publicKey }: NoteKey): Bytes {
  return sha256(concatBytes(utf8(`${name}\n`), new Uint8Array([TYPE_BYTE[type]]), publicKey)).slice(0, 4);
}

/** A key as people hand it on: `name+hash+base64(type key)`. */
export function encodeNoteKey(key: NoteKey): string {
  const id = [...noteKeyId(key)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${key.name}+${id}+${toBase64(concatBytes(new Uint8Array([TYPE_BYTE[key.type]]), key.publicKey))}`;
}

/** Reads what `encodeNoteKey` wrote; `null` for anything else, also where name, hash and key do not belong together. */
export function parseNoteKey(text: string): NoteKey | null {
  const [name = '', id = '', ...rest] = text.split('+');
  // base64 may hold a plus itself
  const bytes = parseBase64(rest.join('+'), 33);
  if (bytes === null || !isNoteName(name)) return null;
  const type = (Object.keys(TYPE_BYTE) as NoteKeyType[]).find((one) => TYPE_BYTE[one] === bytes[0]);
  if (type === undefined) return null;
  const key = { name, type, publicKey: bytes.slice(1) };
  return encodeNoteKey(key).startsWith(`${name}+${id}+`) ? key : null;
}

function isNoteName(name: string): boolean {
  return name !== '' && !/[\s+]/u.test(name);
}

function splitSignature(
  type: NoteKeyType,
  signature: Bytes,
): { readonly atSeconds: number | null; readonly signature: Bytes } | null {
  if (type === 'log') return signature.length === 64 ? { atSeconds: null, signature } : null;
  if (signature.length !== 72) return null;
  const atSeconds = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0));
  return Number.isSafeInteger(atSeconds) ? { atSeconds, signature: signature.slice(8) } : null;
}

/** C2SP tlog-cosignature: a witness signs the text behind two lines that say what and when. */
function signedMessage(text: string, atSeconds: number | null): Bytes {
  return utf8(atSeconds === null ? text : `cosignature/v1\ntime ${atSeconds}\n${text}`);
}
