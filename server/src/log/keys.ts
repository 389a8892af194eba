/**
 * The server's own keys: one signs checkpoints of the log, one signs the server's audit entries. Made at the first start and
 * kept in the data folder, readable by the server's user only. The server has no key that opens anything.
 */
import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { parseBase64url, toBase64url } from '@sealpost/shared/base/base64url';
import { generateSigningSecret, importSigningKey, signingSecretOfSeed } from '@sealpost/shared/sealed/crypto/ed25519';
import type { SigningKey } from '@sealpost/shared/sealed/crypto/ed25519';

export interface LogKeys {
  readonly checkpoint: SigningKey;
  readonly entry: SigningKey;
}

const SeedSchema = v.pipe(
  v.string(),
  v.check((text) => parseBase64url(text, 32) !== null),
);
const FileSchema = v.strictObject({
  v: v.literal(1),
  checkpoint: SeedSchema,
  entry: SeedSchema,
  setupToken: SeedSchema,
});

/** What lies in the file: the keys, and the token that sets up deployments from elsewhere than this machine. */
export interface ServerSecrets {
  readonly logKeys: LogKeys;
  readonly setupToken: string;
  /** The file was made just now: the first start. */
  readonly isNew: boolean;
}

/** Reads `<folder>/server-keys.json`, or makes it. Throws if it is there and damaged: new keys would break the log's chain. */
export async function openServerSecrets(
  folder: string,
  random: (size: number) => Uint8Array<ArrayBuffer>,
): Promise<ServerSecrets> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'server-keys.json');
  const known = await readSecrets(path);
  const stored = known ?? (await makeSecrets(folder, path, random));
  return {
    logKeys: { checkpoint: await keyOf(stored.checkpoint), entry: await keyOf(stored.entry) },
    setupToken: stored.setupToken,
    isNew: known === null,
  };
}

type Stored = v.InferOutput<typeof FileSchema>;

async function readSecrets(path: string): Promise<Stored | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = null;
  }
  const stored = v.safeParse(FileSchema, parsed);
  if (!stored.success) throw new Error('server-keys.json in the data folder is damaged: restore it from a backup.');
  if (process.platform !== 'win32') await chmod(path, 0o600);
  return stored.output;
}

async function makeSecrets(
  folder: string,
  path: string,
  random: (size: number) => Uint8Array<ArrayBuffer>,
): Promise<Stored> {
  const checkpoint = await generateSigningSecret();
  const entry = await generateSigningSecret();
  const stored: Stored = {
    v: 1,
    checkpoint: toBase64url(checkpoint.seed),
    entry: toBase64url(entry.seed),
    setupToken: toBase64url(random(32)),
  };
  const file = await open(`${path}.tmp`, 'w', 0o600);
  await file.writeFile(JSON.stringify(stored));
  await file.sync();
  await file.close();
  await rename(`${path}.tmp`, path);
  if (process.platform !== 'win32') {
    const handle = await open(folder, 'r');
    await handle.sync();
    await handle.close();
  }
  return stored;
}

async function keyOf(seed: string): Promise<SigningKey> {
  return importSigningKey(await signingSecretOfSeed(parseBase64url(seed, 32) as Uint8Array<ArrayBuffer>));
}
