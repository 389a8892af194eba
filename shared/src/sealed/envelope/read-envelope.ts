import { toBase64url } from '../../base/base64url.ts';
import type { ByteSource } from '../../base/byte-source.ts';
import { padmeLength } from '../../base/padme.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { AgeOpening } from '../crypto/age-payload.ts';
import { openPayload } from '../crypto/age-payload.ts';
import { Sha256 } from '../crypto/hash.ts';
import { createUnpacker } from './content-unpacker.ts';
import type { ReadError } from './open-error.ts';
import { PlaintextReader } from './plaintext-reader.ts';
import type { ListedFile } from './sealed-source.ts';
import { SealedSource } from './sealed-source.ts';
import { ENVELOPE_MAGIC, MAX_ENVELOPE_STATEMENT } from './seal.ts';

/**
 * The work of opening one envelope that needs no key but this file's and no directory: decrypting, hashing, unpacking. It can be
 * done in another worker, so it has an interface: `open.ts` says what is to be believed.
 */

/** Where unpacked content waits until the envelope is known to hold. Must not be read before `openEnvelopeTo` answered ok. */
export interface Stage {
  /** A chunk is only good until the promise settles, or the call returns: copy what is kept. */
  write(chunk: Uint8Array): Promise<void> | void;
  /** Called once if the envelope does not hold: forget everything. */
  discard(): Promise<void> | void;
}

/** A file whose header was opened. `source` brings what follows on `opening`, and rejects where it breaks off. */
export interface FileToRead {
  readonly opening: AgeOpening;
  readonly source: ByteSource;
  readonly expected: ListedFile | null;
}

/** What a checked statement says of the content; `inflated` only where it is gzip. */
export interface ContentClaims {
  readonly size: number;
  readonly inflated?: number | undefined;
  readonly sha256: string;
}

/** One file being read: first the statement, then, if somebody may have made it, the content; each once. */
export interface EnvelopeReading {
  statement(): Promise<Result<string, ReadError>>;
  /** Unpacks the content into the stage and reads to the end. `null`: content, padding, size and hash of the file all hold. */
  content(claims: ContentClaims): Promise<ReadError | null>;
  /** Nothing more is asked; called last in any case. */
  close(): void;
}

/** Reads here, into `stage`; what the stage throws is passed on. */
export async function readEnvelope(file: FileToRead, stage: Pick<Stage, 'write'>): Promise<EnvelopeReading> {
  const source = new SealedSource(file.opening, file.source, file.expected);
  const plain = new PlaintextReader(await openPayload(file.opening, source));
  const reading = async <T>(work: () => Promise<T>): Promise<T | { readonly failed: ReadError }> => {
    try {
      return await work();
    } catch (error) {
      if (!plain.hasFailed) throw error; // the stage's
      return { failed: source.failure() ?? { kind: 'damaged' } };
    }
  };
  return {
    async statement() {
      const read = await reading(() => readStatement(plain));
      return 'failed' in read ? err(read.failed) : read;
    },
    async content(claims) {
      const read = await reading(async () => ({
        wrong: (await readContent(plain, claims, stage)) ?? (await readPadding(plain)) ?? source.mismatch(),
      }));
      return 'failed' in read ? read.failed : read.wrong;
    },
    close: () => undefined,
  };
}

async function readStatement(plain: PlaintextReader): Promise<Result<string, ReadError>> {
  const magic = await plain.readLine(ENVELOPE_MAGIC.length);
  if (magic !== ENVELOPE_MAGIC.trimEnd()) {
    return err(
      /^sealpost\/[0-9]+$/.test(magic ?? '') ? { kind: 'update-needed' } : { kind: 'malformed', part: 'preamble' },
    );
  }
  return ok((await plain.readLine(MAX_ENVELOPE_STATEMENT)) ?? '');
}

async function readContent(
  plain: PlaintextReader,
  claims: ContentClaims,
  stage: Pick<Stage, 'write'>,
): Promise<ReadError | null> {
  const hash = new Sha256();
  const unpacker = createUnpacker(claims.inflated ?? null, (chunk) => stage.write(chunk));
  try {
    let left = claims.size;
    while (left > 0) {
      const chunk = await plain.read(left);
      if (chunk === null) break;
      left -= chunk.length;
      hash.update(chunk);
      if (!(await unpacker.write(chunk))) break;
    }
    const isWhole = left === 0 && (await unpacker.end()) && toBase64url(hash.digest()) === claims.sha256;
    return isWhole ? null : { kind: 'malformed', part: 'content' };
  } finally {
    await unpacker.abort();
  }
}

/** Zeros up to the Padmé length and nothing after it; reading to the end also proves that the age file is complete. */
async function readPadding(plain: PlaintextReader): Promise<ReadError | null> {
  const unpadded = plain.position;
  for (;;) {
    const chunk = await plain.read(65_536);
    if (chunk === null) break;
    if (chunk.some((byte) => byte !== 0)) return { kind: 'malformed', part: 'padding' };
  }
  return plain.position === padmeLength(unpadded) ? null : { kind: 'malformed', part: 'padding' };
}
