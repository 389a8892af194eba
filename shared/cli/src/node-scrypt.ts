/** Passphrase files with Node's own scrypt (FORMATS, Envelope: in Node by `node:crypto`), on another thread. */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import type { ScryptEngine } from '@sealpost/shared/sealed/crypto/passphrase';

const LABEL = 'age-encryption.org/v1/scrypt';
const CIPHER = 'chacha20-poly1305';
const NONCE = new Uint8Array(12);
const TAG_BYTES = 16;

/** Gives the same files as the pure engine. */
export const nodeScrypt: ScryptEngine = {
  async wrap(fileKey, passphrase, logN) {
    const salt = new Uint8Array(randomBytes(16));
    const cipher = createCipheriv(CIPHER, await keyOf(passphrase, salt, logN), NONCE, { authTagLength: TAG_BYTES });
    const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
    return { salt, body: new Uint8Array(body) };
  },

  async unwrap(body, passphrase, salt, logN) {
    const key = await keyOf(passphrase, salt, logN);
    const decipher = createDecipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(body.subarray(-TAG_BYTES));
    try {
      return new Uint8Array(Buffer.concat([decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()]));
    } catch {
      return null;
    }
  },
};

function keyOf(passphrase: string, salt: Uint8Array, logN: number): Promise<Buffer> {
  const N = 2 ** logN;
  const r = 8;
  // What scrypt needs, and a little: Node refuses otherwise.
  const maxmem = 128 * r * (N + 64);
  return new Promise((done, failed) => {
    scrypt(passphrase, Buffer.concat([Buffer.from(LABEL), salt]), 32, { N, r, p: 1, maxmem }, (error, key) => {
      if (error === null) done(key);
      else failed(error);
    });
  });
}
