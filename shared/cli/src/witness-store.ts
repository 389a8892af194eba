/**
 * What a witness keeps: its signing key, and of every log the newest checkpoint that it cosigned. A checkpoint is on disk, and its
 * name, too, before the signature leaves: a witness that forgot would sign two histories.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { parseBase64url, toBase64url } from '@sealpost/shared/base/base64url';
import { utf8 } from '@sealpost/shared/base/bytes';
import { parseStrictJson } from '@sealpost/shared/base/strict-json';
import type { CosignedTree } from '@sealpost/shared/sealed/audit/cosign';
import type { NoteSigner } from '@sealpost/shared/sealed/audit/note';
import { importSigningKey, signingSecretOfSeed } from '@sealpost/shared/sealed/crypto/ed25519';
import { sha256 } from '@sealpost/shared/sealed/crypto/hash';
import { Failure } from './command.ts';
import { writePrivate } from './private-file.ts';

const MAX_FILE_CHARS = 256 * 1024;
const KeySchema = v.strictObject({ v: v.literal(1), name: v.string(), seed: v.string() });
const TreeSchema = v.strictObject({
  v: v.literal(1),
  origin: v.string(),
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  root: v.string(),
  /** As it came: evidence, should the log ever show another. */
  checkpoint: v.string(),
});

/** The witness's folder. */
export class WitnessStore {
  readonly #folder: string;
  readonly signer: NoteSigner;
  readonly #latest = new Map<string, CosignedTree>();

  private constructor(folder: string, signer: NoteSigner) {
    this.#folder = folder;
    this.signer = signer;
  }

  /** Opens the folder, or makes it with a new key called `name`. A folder of another name is refused: its key is known by it. */
  static async open(folder: string, name: string | null): Promise<WitnessStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => {
      throw new Failure(`${folder} cannot be made`);
    });
    const path = join(folder, 'witness-key.json');
    let stored = await readJson(path, KeySchema);
    if (stored === null) {
      if (name === null) throw new Failure('a new witness needs a --name, such as witness.example/w1', 2);
      stored = { v: 1, name, seed: toBase64url(new Uint8Array(randomBytes(32))) };
      await writeDurably(folder, path, stored);
    }
    if (name !== null && stored.name !== name) throw new Failure(`the witness in ${folder} is called ${stored.name}`);
    const seed = parseBase64url(stored.seed, 32);
    if (seed === null) throw damaged(path);
    const key = await importSigningKey(await signingSecretOfSeed(seed));
    const sign = (message: Uint8Array) => key.sign(message);
    return new WitnessStore(folder, { name: stored.name, type: 'witness', publicKey: key.publicKey, sign });
  }

  /** The newest checkpoint of a log that was cosigned; `null` if none was. A damaged file ends the witness: it must not guess. */
  async latest(origin: string): Promise<CosignedTree | null> {
    const known = this.#latest.get(origin);
    if (known !== undefined) return known;
    const path = this.#pathOf(origin);
    const stored = await readJson(path, TreeSchema);
    if (stored === null) return null;
    const root = parseBase64url(stored.root, 32);
    if (root === null || stored.origin !== origin) throw damaged(path);
    const tree = { size: stored.size, root };
    this.#latest.set(origin, tree);
    return tree;
  }

  /** Durable when it resolves. */
  async keep(origin: string, { size, root }: CosignedTree, checkpoint: string): Promise<void> {
    // should it fail, what lies on disk is read again
    this.#latest.delete(origin);
    const stored = { v: 1, origin, size, root: toBase64url(root), checkpoint };
    await writeDurably(this.#folder, this.#pathOf(origin), stored);
    this.#latest.set(origin, { size, root });
  }

  #pathOf(origin: string): string {
    return join(this.#folder, `log-${toBase64url(sha256(utf8(origin)))}.json`);
  }
}

async function readJson<T>(path: string, schema: v.GenericSchema<unknown, T>): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new Failure(`${path} cannot be read`);
  }
  const json = parseStrictJson(text, MAX_FILE_CHARS);
  const parsed = json.ok ? v.safeParse(schema, json.value) : null;
  if (parsed?.success !== true) throw damaged(path);
  return parsed.output;
}

/** The file and its name in the folder: a rename alone may be lost with the power. */
async function writeDurably(folder: string, path: string, content: object): Promise<void> {
  await writePrivate(path, JSON.stringify(content));
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}

function damaged(path: string): Failure {
  return new Failure(`${path} is damaged: restore it from a backup, or make a new witness in another folder`);
}
