import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { toBase64url } from '../../base/base64url.ts';
import type { AgeIdentity } from '../../sealed/crypto/age.ts';
import { generateAgeSecret, importAgeIdentity } from '../../sealed/crypto/age.ts';
import { generateSigningSecret, importSigningKey } from '../../sealed/crypto/ed25519.ts';
import type { OrgId } from '../../sealed/envelope/heads.ts';
import { openEnvelopeBy } from '../../sealed/envelope/open.ts';
import type { OpenInput } from '../../sealed/envelope/open.ts';
import { sealEnvelope } from '../../sealed/envelope/seal.ts';
import type { SealedEnvelope } from '../../sealed/envelope/seal.ts';
import type { Sid } from '../../sealed/envelope/statement.ts';
import type { Finding } from '../finding/finding.ts';
import { BundleRefused } from './bundle-reader.ts';
import type { BundleSink } from './bundle-sink.ts';
import { columnsOf } from './columns-of.ts';
import type { BundleColumns, TextDictionary } from './columns.ts';
import { joinColumns } from './join-columns.ts';
import { packColumns } from './pack.ts';
import type { ReadBundle } from './read-bundle.ts';
import { readBundleHere, ReaderGone } from './read-bundle.ts';
import { readThrough } from './read-elsewhere.ts';
import { findingAt } from './row.ts';
import type { PublishPolicy } from '../finding/finding.ts';
import { sampleFindings } from './sample-findings.ts';
import { BUNDLE_MEDIA } from './schema.ts';
import { serveUnpacking } from './serve-unpacking.ts';

const ORG = 'AAAAAAAAAAAAAAAAAAAAAQ' as OrgId;
const SID = toBase64url(new Uint8Array(32)) as Sid;
const NOW_MS = 1_795_000_000_000;
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const withheld = { contextless: 0, unproven: 0, unconfirmed: 0 };
const rows = sampleFindings(200);

let identity: AgeIdentity;
let publicKey: Uint8Array;
let seal: (columns: BundleColumns, policy: PublishPolicy) => Promise<SealedEnvelope>;
let large: SealedEnvelope;
beforeAll(async () => {
  const secret = await generateAgeSecret();
  identity = await importAgeIdentity(secret.secret);
  const signing = await generateSigningSecret();
  publicKey = signing.publicKey;
  const signer = await importSigningKey(signing);
  seal = async (columns, policy) =>
    sealEnvelope({
      kind: 'bundle',
      iss: 'cert' as OrgId,
      aud: { org: ORG, generation: 1 },
      epoch: 1,
      seq: 1,
      heads: { cert: [1, SID], [ORG]: [1, SID] },
      media: BUNDLE_MEDIA,
      ...(await packColumns(columns, { policy, tlp: 'TLP:AMBER', caveat: null, withheld })),
      signer,
      recipients: [secret.recipient],
      nowMs: NOW_MS,
      random,
    });
  const part = columnsOf(rows, 'fingerprint');
  large = await seal(
    joinColumns(
      Array.from({ length: 1000 }, () => part),
      { policy: 'fingerprint' },
    ),
    'fingerprint',
  );
});

const inputFor = (sealed: SealedEnvelope, changes: Partial<OpenInput> = {}): OpenInput => ({
  sealed: sealed.bytes,
  expected: sealed,
  identities: [identity],
  expect: { kinds: ['bundle'], org: ORG, generation: 1 },
  maySign: () => Promise.resolve(publicKey),
  nowMs: NOW_MS,
  ...changes,
});

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** A reader at the other end of a channel; `dies` takes it away. */
function distant(gone = new AbortController()): ReadBundle {
  return (file, sink) => {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    serveUnpacking(port2);
    return Promise.resolve(readThrough(port1, gone.signal, file, sink));
  };
}

class Collected implements BundleSink {
  readonly batches: number[] = [];
  readonly seen: Finding[] = [];
  readonly dictionaries = new Set<TextDictionary>();
  /** Entries of the identities, as they came ahead. */
  readonly ahead: number[] = [];
  #isBusy = false;
  readonly #work: (batch: number) => Promise<void>;

  constructor(work: (batch: number) => Promise<void> = () => Promise.resolve()) {
    this.#work = work;
  }

  begin(): Promise<void> {
    return Promise.resolve();
  }

  identities(dictionary: TextDictionary): Promise<void> {
    expect(this.batches).toEqual([]);
    this.ahead.push(dictionary.offsets.length - 1);
    this.dictionaries.add(dictionary);
    return Promise.resolve();
  }

  async batch(columns: BundleColumns): Promise<void> {
    if (this.#isBusy) throw new Error('two at once');
    this.#isBusy = true;
    this.batches.push(columns.rows);
    this.dictionaries.add(columns.identity.dictionary);
    await this.#work(this.batches.length);
    for (const row of [0, 77, columns.rows - 1]) this.seen.push(findingAt(columns, row));
    this.#isBusy = false;
  }
}

describe('a bundle read in another worker', () => {
  test('comes batch by batch as it does here, with one set of dictionaries', async () => {
    const here = new Collected();
    const there = new Collected(() => new Promise((resolve) => setTimeout(resolve, 3)));
    expect(await openEnvelopeBy((file) => readBundleHere(file, here), inputFor(large))).toMatchObject({ ok: true });
    const read = distant();
    expect(await openEnvelopeBy((file) => read(file, there), inputFor(large))).toMatchObject({ ok: true });
    expect(there.batches).toEqual([...Array.from({ length: 12 }, () => 16_384), 3392]);
    expect(there.batches).toEqual(here.batches);
    expect(there.seen).toEqual(here.seen);
    expect(there.seen[1]).toEqual(rows[77]);
    expect([there.dictionaries.size, here.dictionaries.size]).toEqual([1, 1]);
    const distinct = new Set(rows.map((row) => row.identity)).size;
    expect([there.ahead, here.ahead]).toEqual([[distinct], [distinct]]);
  });

  test('does so as well on the portable path, and a second time', async () => {
    const small = await seal(columnsOf(rows, 'fingerprint'), 'fingerprint');
    for (const isPortable of [true, false, true]) {
      const there = new Collected();
      const read = distant();
      const opened = await openEnvelopeBy((file) => read(file, there), inputFor(small, { isPortable }));
      expect(opened).toMatchObject({ ok: true, value: { claims: { id: small.id } } });
      expect(there.batches).toEqual([200]);
    }
  });

  test('is refused for the same reasons', async () => {
    const small = await seal(columnsOf(rows, 'fingerprint'), 'fingerprint');
    const cases: [string, () => Partial<OpenInput>, object][] = [
      ['another signer', () => ({ maySign: () => Promise.resolve(null) }), { kind: 'not-allowed' }],
      ['not wanted', () => ({ accept: () => false }), { kind: 'not-wanted' }],
      ['another size', () => ({ expected: { sha256: small.sha256, size: small.size - 1 } }), { kind: 'not-as-listed' }],
      [
        'another hash',
        () => ({ expected: { sha256: new Uint8Array(32), size: small.size } }),
        { kind: 'not-as-listed' },
      ],
      ['cut off', () => ({ sealed: small.bytes.subarray(0, -1), expected: null }), { kind: 'damaged' }],
      ['a broken line', () => ({ sealed: breaking(small.bytes, 2000) }), { kind: 'interrupted' }],
    ];
    for (const [name, changes, error] of cases) {
      for (const read of [readBundleHere, distant()]) {
        const opened = await openEnvelopeBy((file) => read(file, new Collected()), inputFor(small, changes()));
        expect(opened, name).toMatchObject({ ok: false, error });
      }
    }
    const lying = await seal(columnsOf(rows, 'masked'), 'none');
    for (const read of [readBundleHere, distant()]) {
      const opening = openEnvelopeBy((file) => read(file, new Collected()), inputFor(lying));
      await expect(opening).rejects.toThrow(BundleRefused);
    }
  });

  test('stops where the taker throws, and passes that on', async () => {
    for (const read of [readBundleHere, distant()]) {
      const full = new Collected((batch) => (batch === 2 ? Promise.reject(new Error('disk full')) : Promise.resolve()));
      await expect(openEnvelopeBy((file) => read(file, full), inputFor(large))).rejects.toThrow('disk full');
      expect(full.batches).toHaveLength(2);
    }
  });

  test('says that the reader is gone, once nothing is being taken any more', async () => {
    for (const dies of [0, 1, 2]) {
      const gone = new AbortController();
      let taking = 0;
      const sink = new Collected(async (batch) => {
        taking++;
        if (batch === dies) gone.abort();
        await new Promise((resolve) => setTimeout(resolve, 10));
        taking--;
      });
      if (dies === 0) gone.abort();
      const read = distant(gone);
      await expect(openEnvelopeBy((file) => read(file, sink), inputFor(large))).rejects.toThrow(ReaderGone);
      expect([taking, sink.batches.length]).toEqual([0, dies]);
    }
  });
});

/** A stream that fails after `length` bytes. */
function breaking(bytes: Uint8Array, length: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= length) controller.error(new TypeError('line'));
      else controller.enqueue(bytes.subarray(at, (at += 500)));
    },
  });
}
