/**
 * Keyed ids and fingerprints of findings (FORMATS, Fingerprints and ids): the same exposure has the same id in every load, and
 * two organisations cannot join theirs. Whoever holds a key and a fingerprint can guess the secret, so neither leaves envelopes.
 * Synchronous: a writer makes hundreds of thousands a second.
 */
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import type { FindingId, IdentityKind } from './finding.ts';

/** The `secret kind` byte: a password and a hash that looks like it are two secrets. */
export const SECRET_CLEAR = 1;
export const SECRET_HASH = 2;
export type SecretKind = typeof SECRET_CLEAR | typeof SECRET_HASH;

/** Key version of this release: first byte of every id. */
export const KEY_VERSION = 1;

const FINGERPRINT_BYTES = 16;
const SOURCE_ID_BYTES = 8;

/** What an exposure is recognised by. `host` is the service's host, or the package name of an app; '' if none. */
export interface ExposureKey {
  readonly identityKind: IdentityKind;
  readonly identity: string;
  readonly registrable: string;
  readonly host: string;
  /** 16 bytes; `null` where no secret leaked. */
  readonly secretFp: Uint8Array | null;
}

/** `K(purpose) = HKDF-SHA-256(master, salt = list id, info = "sealpost/fp/v1/" purpose || key version u8)`, 32 bytes. */
function purposeKey(master: Uint8Array, listId: Uint8Array, purpose: string, version: number): Bytes {
  return hkdf(
    sha256,
    master,
    listId,
    concatBytes(utf8(`sealpost/fp/v1/${purpose}`), new Uint8Array([version])),
    32,
  ) as Bytes;
}

/** The fingerprint keys of one organisation. Holds key material: keep it inside the vault's worker. */
export class FindingKeys {
  readonly version: number;
  readonly #secret: KeyedHash;
  readonly #id: KeyedHash;
  readonly #source: KeyedHash;
  readonly #machine: KeyedHash;

  /** `master`: the operators' ingest master; `listId`: 16 bytes. */
  constructor(master: Uint8Array, listId: Uint8Array, version: number = KEY_VERSION) {
    this.version = version;
    this.#secret = new KeyedHash(purposeKey(master, listId, 'secret', version));
    this.#id = new KeyedHash(purposeKey(master, listId, 'id', version));
    this.#source = new KeyedHash(purposeKey(master, listId, 'source', version));
    this.#machine = new KeyedHash(purposeKey(master, listId, 'machine', version));
  }

  /** 16 bytes over the secret's code points as they are: no trimming, no normal form. */
  secretFp(kind: SecretKind, secret: string): Bytes {
    return this.#secret.begin().byte(kind).text(secret).end(FINGERPRINT_BYTES);
  }

  /** 16 bytes over identity, registrable domain and secret: recognises a re-leak of the pair at any host. */
  pairFp(key: ExposureKey): Bytes {
    const hash = this.#id.begin().byte(2).prefixed(key.identityKind).prefixed(key.identity).prefixed(key.registrable);
    return hash.prefixedBytes(key.secretFp).end(FINGERPRINT_BYTES);
  }

  /** 16 bytes: the key version, then 15 of the keyed hash. */
  idBytes(key: ExposureKey): Bytes {
    const hash = this.#id.begin().byte(1).prefixed(key.identityKind).prefixed(key.identity).prefixed(key.registrable);
    const digest = hash
      .prefixed(key.host)
      .prefixedBytes(key.secretFp)
      .end(FINGERPRINT_BYTES - 1);
    const id = new Uint8Array(FINGERPRINT_BYTES);
    id[0] = this.version;
    id.set(digest, 1);
    return id;
  }

  /** Text form of `idBytes`. */
  id(key: ExposureKey): FindingId {
    return toBase64url(this.idBytes(key)) as FindingId;
  }

  /** base64url of 8 bytes. `sourceSha256`: SHA-256 of the source's bytes. */
  sourceId(sourceSha256: Uint8Array): string {
    return toBase64url(this.#source.begin().bytes(sourceSha256).end(SOURCE_ID_BYTES));
  }

  /** base64url of 16 bytes. `machineKey`: whatever identifies the machine in its log. */
  machine(machineKey: string): string {
    return toBase64url(this.#machine.begin().text(machineKey).end(FINGERPRINT_BYTES));
  }
}

const encoder = new TextEncoder();

/** HMAC-SHA-256 under one key whose padded blocks are hashed once; messages are built in one buffer that grows. */
class KeyedHash {
  readonly #keyed: ReturnType<typeof hmac.create>;
  readonly #scratch: ReturnType<typeof hmac.create>;
  readonly #digest = new Uint8Array(32);
  #buffer = new Uint8Array(512);
  #length = 0;

  constructor(key: Uint8Array) {
    this.#keyed = hmac.create(sha256, key);
    this.#scratch = hmac.create(sha256, key);
  }

  begin(): this {
    this.#length = 0;
    return this;
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  text(value: string): this {
    this.#reserve(value.length * 3);
    this.#length += encoder.encodeInto(value, this.#buffer.subarray(this.#length)).written;
    return this;
  }

  /** `lp(UTF-8 of value)`. */
  prefixed(value: string): this {
    this.#reserve(2);
    const at = this.#length;
    this.#length += 2;
    this.text(value);
    return this.#prefix(at);
  }

  /** `lp(value)`; an absent value has length 0. */
  prefixedBytes(value: Uint8Array | null): this {
    this.#reserve(2);
    const at = this.#length;
    this.#length += 2;
    if (value !== null) this.bytes(value);
    return this.#prefix(at);
  }

  /** The first `length` bytes of the hash, newly allocated. */
  end(length: number): Bytes {
    this.#keyed._cloneInto(this.#scratch);
    this.#scratch.update(this.#buffer.subarray(0, this.#length)).digestInto(this.#digest);
    return this.#digest.slice(0, length);
  }

  #prefix(at: number): this {
    const size = this.#length - at - 2;
    if (size > 0xffff) throw new RangeError('fingerprint: a part is over 65,535 bytes');
    this.#buffer[at] = size >>> 8;
    this.#buffer[at + 1] = size & 0xff;
    return this;
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + extra));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}
