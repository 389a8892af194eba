/** Downloads over lines that break, and from servers that lie. */
import { describe, expect, test } from 'vitest';
import type { ByteSource } from '../../base/byte-source.ts';
import { ok } from '../../base/result.ts';
import type { Sid } from '../../sealed/envelope/statement.ts';
import { generateSigningSecret, importSigningKey } from '../../sealed/crypto/ed25519.ts';
import { downloadBlob } from './blob-download.ts';
import { SignedHttp } from './http.ts';
import type { FileLine } from './http.ts';
import type { Network } from './ports.ts';

const content = Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7) & 0xff);
const signer = await importSigningKey(await generateSigningSecret());

/** Brings `content` from where a request asks, a thousand bytes at a time; `bytesOf` says after how many each answer breaks off. */
function sessionWith(bytesOf: (answer: number) => number, status = 206): { session: FileLine; starts: number[] } {
  const starts: number[] = [];
  const network: Network = {
    request: () => Promise.reject(new Error('not asked for')),
    stream: ({ headers }) => {
      const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(headers['range'] ?? '') ?? [];
      let at = Number(start);
      const breaksAt = at + bytesOf(starts.length);
      starts.push(at);
      const body: ByteSource = {
        next: () => {
          if (at >= breaksAt) return Promise.reject(new TypeError('cut'));
          const piece = content.subarray(at, Math.min(at + 1000, Number(end) + 1));
          at += piece.length;
          return Promise.resolve(piece.length > 0 ? piece : null);
        },
        cancel: () => Promise.resolve(),
      };
      return Promise.resolve(ok({ status, headers: {}, body }));
    },
  };
  const http = new SignedHttp(
    { network, nowMs: () => 0, random: (length) => new Uint8Array(length) },
    'http://localhost:1',
    signer,
  );
  return { session: { http, identity: { deployment: 'A'.repeat(43) as Sid } }, starts };
}

async function read(source: ByteSource): Promise<Uint8Array> {
  const bytes: number[] = [];
  for (let piece = await source.next(); piece !== null; piece = await source.next()) bytes.push(...piece);
  return Uint8Array.from(bytes);
}

describe('a download', () => {
  test('goes on where the line broke, however often, as long as something comes', async () => {
    const { session, starts } = sessionWith((answer) => (answer % 3 === 2 ? 30_000 : 0));
    let told = 0;
    const bytes = await read(downloadBlob(session, 'x', content.length, (done) => (told = done)));
    expect(Buffer.from(bytes).equals(content)).toBe(true);
    expect([...new Set(starts)]).toEqual([0, 30_000, 60_000, 90_000]);
    expect(told).toBe(content.length);
  });

  test('is offline after three answers without a byte', async () => {
    const { session, starts } = sessionWith((answer) => (answer === 0 ? 5_000 : 0));
    const download = downloadBlob(session, 'x', content.length, () => undefined);
    await expect(read(download)).rejects.toThrow('offline');
    expect(download.failure).toEqual({ kind: 'offline' });
    expect(starts).toEqual([0, 5_000, 5_000, 5_000]);
  });

  test('takes no whole file for the rest of one, and no more than was listed', async () => {
    const { session } = sessionWith((answer) => (answer === 0 ? 5_000 : Infinity), 200);
    const download = downloadBlob(session, 'x', content.length, () => undefined);
    await expect(read(download)).rejects.toThrow('forged');
    expect(download.failure).toEqual({ kind: 'forged', what: 'blob', code: 'range' });
    const whole = sessionWith(() => Infinity, 200).session;
    expect(await read(downloadBlob(whole, 'x', 2_500, () => undefined))).toHaveLength(2_500);
  });

  test('ends at once when it is cancelled', async () => {
    const { session } = sessionWith(() => Infinity);
    const cancelling = new AbortController();
    const download = downloadBlob(session, 'x', content.length, () => undefined, cancelling.signal);
    expect(await download.next()).toHaveLength(1_000);
    cancelling.abort();
    await expect(read(download)).rejects.toThrow('cancelled');
    expect(download.failure).toEqual({ kind: 'cancelled' });
  });
});
