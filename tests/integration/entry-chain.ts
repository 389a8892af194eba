/** The audit chain of one made-up device, entry after entry. Payloads are made-up bytes: the server opens none. */
import { randomBytes } from 'node:crypto';
import { toBase64url } from '@sealpost/shared/base/base64url';
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { Sealed } from '@sealpost/shared/base/brand';
import { NO_PREVIOUS, signAuditEntry } from '@sealpost/shared/sealed/audit/entry';
import type { MadeAuditEntry } from '@sealpost/shared/sealed/audit/entry';
import type { SigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import { sidToBytes } from '@sealpost/shared/sealed/envelope/statement';
import type { Sid } from '@sealpost/shared/sealed/envelope/statement';

export class EntryChain {
  readonly signer: SigningKey;
  readonly #deployment: Bytes;
  seq = 0;
  prev: Bytes = NO_PREVIOUS;

  constructor(signer: SigningKey, deployment: Sid) {
    this.signer = signer;
    this.#deployment = sidToBytes(deployment);
  }

  /** The next `count` entries. */
  async next(count: number): Promise<readonly MadeAuditEntry[]> {
    const made: MadeAuditEntry[] = [];
    for (let i = 0; i < count; i++) {
      const place = { deployment: this.#deployment, signer: this.signer, seq: this.seq + 1, prev: this.prev };
      const entry = await signAuditEntry(
        place,
        new Uint8Array(randomBytes(32)),
        new Uint8Array(randomBytes(512)) as Bytes as unknown as Sealed,
      );
      this.seq += 1;
      this.prev = entry.leaf;
      made.push(entry);
    }
    return made;
  }
}

/** Body of a POST of entries. `from`: size of the checkpoint that the device holds. */
export function entriesBody(made: readonly MadeAuditEntry[], from?: number) {
  const entries = made.map(({ entry, salt, payload }) => {
    return { entry: toBase64url(entry), salt: toBase64url(salt), payload: toBase64url(payload) };
  });
  return from === undefined ? { entries } : { entries, from };
}
