/**
 * The few calls of S3 that are needed (AWS Signature 4, path style), each tried again where that can help. A body is signed with its
 * SHA-256, so that the storage refuses what was damaged on the way. Never logs a URL: it names a deployment.
 */
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';
import { BlobsAway } from './blobs.ts';

export interface S3Settings {
  /** `https://host[:port]`, without the bucket. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface S3Object {
  readonly size: number;
  readonly storedAtMs: number;
}

/** Objects and common prefixes under a prefix. */
export interface S3Listing {
  readonly objects: readonly { readonly key: string; readonly size: number }[];
  readonly folders: readonly string[];
}

const ATTEMPTS = 4;
const FIRST_WAIT_MS = 50;
/** A part of 8 MiB over a slow line. */
const ANSWER_MS = 60_000;
const PAGE = 1000;

export class S3Client {
  readonly #base: string;
  readonly #aws: AwsClient;
  readonly #answerMs: number;

  /** `answerMs`: how long each attempt may take. */
  constructor({ endpoint, bucket, region, accessKeyId, secretAccessKey }: S3Settings, answerMs = ANSWER_MS) {
    this.#base = `${endpoint}/${encodeURIComponent(bucket)}`;
    this.#answerMs = answerMs;
    this.#aws = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
  }

  /** Stores an object; durable when it resolves, as far as the storage tells. */
  async put(key: string, body: Uint8Array): Promise<void> {
    const headers = {
      'Content-Type': 'application/octet-stream',
      'X-Amz-Content-Sha256': createHash('sha256').update(body).digest('hex'),
    };
    await this.#call(key, { method: 'PUT', headers, body: body as Uint8Array<ArrayBuffer> }, drain);
  }

  /** Bytes `start` to `end` (exclusive; fewer if the object ends before); `null` if there is no such object. */
  async get(key: string, start: number, end: number): Promise<Buffer | null> {
    const headers = { Range: `bytes=${start}-${end - 1}` };
    return this.#call(key, { method: 'GET', headers }, async (answer) => Buffer.from(await answer.arrayBuffer()));
  }

  async head(key: string): Promise<S3Object | null> {
    return this.#call(key, { method: 'HEAD' }, async (answer) => ({
      size: Number(answer.headers.get('Content-Length')),
      storedAtMs: Date.parse(answer.headers.get('Last-Modified') ?? ''),
    }));
  }

  async delete(key: string): Promise<void> {
    await this.#call(key, { method: 'DELETE' }, drain);
  }

  /** Everything under `prefix`; with `delimiter`, one level of it. */
  async list(prefix: string, delimiter: '/' | null): Promise<S3Listing> {
    const objects: { key: string; size: number }[] = [];
    const folders: string[] = [];
    for (let after = ''; ;) {
      const query = new URLSearchParams({ 'list-type': '2', 'max-keys': String(PAGE), prefix });
      if (delimiter !== null) query.set('delimiter', delimiter);
      if (after !== '') query.set('continuation-token', after);
      const xml = (await this.#call(`?${query}`, { method: 'GET' }, (answer) => answer.text())) ?? '';
      for (const [, one = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs))
        objects.push({ key: textOf(one, 'Key'), size: Number(textOf(one, 'Size')) });
      for (const [, one = ''] of xml.matchAll(/<CommonPrefixes>(.*?)<\/CommonPrefixes>/gs))
        folders.push(textOf(one, 'Prefix'));
      after = textOf(xml, 'NextContinuationToken');
      if (textOf(xml, 'IsTruncated') !== 'true' || after === '') return { objects, folders };
    }
  }

  /** `read` takes the whole body: an answer that is cut off is asked for again. */
  async #call<T>(path: string, init: RequestInit, read: (answer: Response) => Promise<T>): Promise<T | null> {
    let last: unknown = null;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await wait(FIRST_WAIT_MS * 4 ** (attempt - 1));
      try {
        const url = path.startsWith('?') ? this.#base + path : `${this.#base}/${path}`;
        const signed = await this.#aws.sign(url, init);
        const answer = await fetch(signed, { signal: AbortSignal.timeout(this.#answerMs), redirect: 'error' });
        if (answer.ok) return await read(answer);
        await drain(answer);
        if (answer.status === 404) return null;
        last = answer.status;
        if (answer.status < 500 && answer.status !== 400 && answer.status !== 408 && answer.status !== 429) break;
      } catch (error) {
        last = error instanceof Error ? error.name : 'error';
      }
    }
    throw new BlobsAway(`The blob storage did not do what it was asked (${init.method}: ${String(last)}).`);
  }
}

async function drain(answer: Response): Promise<void> {
  await answer.arrayBuffer();
}

/** The text of the first `<name>`: keys are hexadecimal and slashes, so nothing is escaped. */
function textOf(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}
