import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes, equalBytes } from '../../base/bytes.ts';
import { nativeEd25519Agrees, verifyNative } from './ed25519-native.ts';
import type { Kid } from './keys.ts';
import { thumbprint } from './keys.ts';

/**
 * Ed25519 for everything Sealpost signs. Engines disagree on odd keys and signatures, so one function decides in front of every
 * engine what is odd (FORMATS, Common rules): points that are not canonical or of small order, and S >= L. Private keys only ever
 * meet the native engine.
 */

/** A signing key in the form that is stored, inside sealed records only. */
export interface SigningSecret {
  /** 32 bytes (RFC 8032, 5.1.5). */
  readonly seed: Bytes;
  /** 32 bytes. */
  readonly publicKey: Bytes;
}

/** A signing key in use: the private part is a non-extractable CryptoKey. */
export interface SigningKey {
  readonly kid: Kid;
  readonly publicKey: Bytes;
  /** Signs `message`: 64 bytes. The caller's message begins with its context (FORMATS, Contexts never meet). */
  sign(message: Uint8Array): Promise<Bytes>;
}

/** Makes a new key. The seed is extractable for as long as this value lives: seal it, import it, drop it. */
export async function generateSigningSecret(): Promise<SigningSecret> {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  return { seed: pkcs8.slice(-32), publicKey };
}

/** The secret of a known seed (32 bytes): for backups and for golden files with fixed keys. */
export async function signingSecretOfSeed(seed: Uint8Array): Promise<SigningSecret> {
  const key = await importSeed(seed, true);
  const { x } = await crypto.subtle.exportKey('jwk', key);
  const publicKey = parseBase64url(x ?? '', 32);
  if (publicKey === null) throw new TypeError('signingSecretOfSeed: engine exported no public key');
  return { seed: seed.slice() as Bytes, publicKey };
}

/** Makes a stored key usable. Throws if seed and public key do not belong together (a damaged record, never a user's mistake). */
export async function importSigningKey(secret: SigningSecret): Promise<SigningKey> {
  const known = await signingSecretOfSeed(secret.seed);
  if (!equalBytes(known.publicKey, secret.publicKey))
    throw new TypeError('importSigningKey: public key of another seed');
  const key = await importSeed(secret.seed, false);
  return {
    kid: thumbprint(secret.publicKey),
    publicKey: secret.publicKey,
    async sign(message) {
      return new Uint8Array(await crypto.subtle.sign('Ed25519', key, message as Bytes));
    },
  };
}

/**
 * True if `signature` (64 bytes) over `message` is good under `publicKey` (32 bytes). Never throws on bad input. Cofactorless,
 * on the native engine if it gives the published verdicts, else on a fallback that is loaded for it.
 */
export async function verifyEd25519(
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
): Promise<boolean> {
  if (!isAcceptablePoint(publicKey) || !isAcceptableSignature(signature)) return false;
  if (await nativeEd25519Agrees()) return verifyNative(publicKey, signature, message);
  const { verifyWithLiner } = await import('./ed25519-fallback.ts');
  return verifyWithLiner(publicKey, signature, message);
}

/**
 * The front checks of `verifyEd25519` on a signature alone: 64 bytes, R canonical and not of small order, S < L. For who calls an
 * engine by himself, many times with one key.
 */
export function isAcceptableSignature(signature: Uint8Array): boolean {
  return (
    signature.length === 64 && isAcceptablePoint(signature.subarray(0, 32)) && isBelowOrder(signature.subarray(32))
  );
}

/**
 * True if `point` is 32 bytes, canonical (y < p) and not of small order, in either sign. Statements that name another public key
 * are refused. Source: Chalkias et al., "Taming the many EdDSAs", table 1 and section 3.
 */
export function isAcceptablePoint(point: Uint8Array): boolean {
  if (point.length !== 32) return false;
  const top = (point[31] as number) & 0x7f;
  return isBelow(point, top, P_BYTES) && !SMALL_ORDER_Y.some((y) => equalsWithTop(point, top, y));
}

/** Public key as text, for statements. */
export function publicKeyToText(publicKey: Uint8Array): string {
  return toBase64url(publicKey);
}

/** Public key of its text (base64url of 32 bytes); `null` if it is malformed, not canonical or of small order. */
export function parsePublicKey(text: string): Bytes | null {
  const point = parseBase64url(text, 32);
  return point !== null && isAcceptablePoint(point) ? point : null;
}

const P = 2n ** 255n - 19n;
const P_BYTES = littleEndian(P);
/** y of the points of order 1, 2, 4 and 8. */
const SMALL_ORDER_Y: readonly Uint8Array[] = [
  0n,
  1n,
  P - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  P - 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
].map(littleEndian);
/** Order of the base point (RFC 8032, 5.1). */
const L_BYTES = littleEndian(2n ** 252n + 27742317777372353535851937790883648493n);

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function isBelowOrder(scalar: Uint8Array): boolean {
  return isBelow(scalar, scalar[31] as number, L_BYTES);
}

/** `value` < `limit`, both 32 bytes little-endian; `top` stands for the last byte of `value`. */
function isBelow(value: Uint8Array, top: number, limit: Uint8Array): boolean {
  if (top !== limit[31]) return top < (limit[31] as number);
  for (let i = 30; i >= 0; i--) if (value[i] !== limit[i]) return (value[i] as number) < (limit[i] as number);
  return false;
}

function equalsWithTop(value: Uint8Array, top: number, other: Uint8Array): boolean {
  if (top !== other[31]) return false;
  for (let i = 30; i >= 0; i--) if (value[i] !== other[i]) return false;
  return true;
}

/** PKCS #8 of an Ed25519 seed (RFC 8410, section 7) up to the seed. */
const PKCS8_PREFIX = new Uint8Array([0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20]);

function importSeed(seed: Uint8Array, extractable: boolean): Promise<CryptoKey> {
  if (seed.length !== 32) throw new RangeError('importSeed: 32 bytes');
  return crypto.subtle.importKey('pkcs8', concatBytes(PKCS8_PREFIX, seed), 'Ed25519', extractable, ['sign']);
}
