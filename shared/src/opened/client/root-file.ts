/**
 * The root file: root key, CERT epochs and ingest master behind a passphrase of their own, kept offline and in no vault.
 * The backup file: one operator's whole identity, in the same form.
 */
import * as v from 'valibot';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import type { Bytes } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { openWithPassphrase, sealWithPassphrase } from '../../sealed/crypto/passphrase.ts';
import type { ClientError } from './api/client-error.ts';

const AgeSecretSchema = v.strictObject({ secret: v.string(), recipient: v.string() });
const EpochSchema = v.strictObject({
  n: v.number(),
  read: AgeSecretSchema,
  secrets: AgeSecretSchema,
  audit: AgeSecretSchema,
  intake: v.nullable(AgeSecretSchema),
});

/** What the root file holds: enough to enrol a further operator, not enough to act as the first one. */
export const RootFileSchema = v.strictObject({
  format: v.literal('sealpost-root/1'),
  deployment: v.string(),
  origin: v.string(),
  root: v.strictObject({ seed: v.string(), publicKey: v.string() }),
  epochs: v.array(EpochSchema),
  ingestMaster: v.string(),
});
export type RootFile = v.InferOutput<typeof RootFileSchema>;

/** Seals a file's content as age scrypt (work factor 17). Cost: about half a second. */
export async function sealKeyFile(content: object, passphrase: string): Promise<Bytes> {
  return sealWithPassphrase(utf8(JSON.stringify(content)), passphrase);
}

/** Opens and checks a key file: `wrong-passphrase`, or `forged` where it is damaged or another kind of file. */
export async function openKeyFile<T>(
  schema: v.GenericSchema<unknown, T>,
  bytes: Uint8Array,
  passphrase: string,
): Promise<Result<T, ClientError>> {
  const opened = await openWithPassphrase(bytes, passphrase);
  if (!opened.ok) {
    return err(
      opened.error.kind === 'wrong-passphrase'
        ? { kind: 'wrong-passphrase' }
        : { kind: 'forged', what: 'key-file', code: 'damaged' },
    );
  }
  const text = fromUtf8(opened.value);
  opened.value.fill(0);
  let json: unknown;
  try {
    json = JSON.parse(text ?? '');
  } catch {
    return err({ kind: 'forged', what: 'key-file', code: 'malformed' });
  }
  const parsed = v.safeParse(schema, json);
  return parsed.success ? ok(parsed.output) : err({ kind: 'forged', what: 'key-file', code: 'malformed' });
}
