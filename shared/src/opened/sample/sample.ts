/** Seeded made-up leak material with its oracle: what `sealpost sample` writes and tests compare with. */
import type { Ms } from '../../base/brand.ts';
import { utf8 } from '../../base/bytes.ts';
import { parseDomainName } from '../../base/domain-name.ts';
import { makeCredential } from './credentials.ts';
import type { MadeCredential } from './credentials.ts';
import type { SampleOracle } from './oracle.ts';
import { OracleBuilder } from './oracle.ts';
import { Random } from './random.ts';
import { stealerChunks } from './stealer-sample.ts';

/** `stealer` is a zip. */
export const SAMPLE_KINDS = ['combo', 'ulp', 'stealer'] as const;
export type SampleKind = (typeof SAMPLE_KINDS)[number];

export interface SampleOptions {
  readonly kind: SampleKind;
  /** Lines, or credential blocks. */
  readonly records: number;
  readonly seed: number;
  /** Listed domains, e.g. `moe.example`. */
  readonly domains: readonly string[];
  /** Newest capture of machines; fixed by default, so that a seed always gives the same bytes. */
  readonly newestMs?: Ms;
  /** Share of records that concern a listed domain; 0.15 by default. */
  readonly ownShare?: number;
}

const DEFAULT_NEWEST_MS = Date.UTC(2025, 9, 1);
const CHUNK_CHARACTERS = 1 << 16;
/** Repeats are what makes records outnumber findings. */
const REPEAT_SHARE = 0.04;
const RECENT = 64;

/** Chunks of the sample; the generator returns the oracle. Constant memory but for the distinct findings. */
export function* sampleChunks(options: SampleOptions): Generator<Uint8Array, SampleOracle, undefined> {
  const domains = options.domains.map((domain) => parseDomainName(domain) ?? domain.toLowerCase());
  const oracle = new OracleBuilder(domains);
  const random = new Random(options.seed);
  const { records, newestMs = DEFAULT_NEWEST_MS, ownShare } = options;
  const share = ownShare === undefined ? {} : { ownShare };
  let bytes = 0;
  const chunks =
    options.kind === 'stealer'
      ? stealerChunks(random, { records, domains, newestMs, ...share }, oracle)
      : lineChunks(random, domains, options, oracle);
  for (const chunk of chunks) {
    bytes += chunk.length;
    yield chunk;
  }
  return oracle.finish(bytes);
}

/** The sample as a stream, with its oracle once the stream is read to its end. */
export function sampleStream(options: SampleOptions): {
  readonly stream: ReadableStream<Uint8Array>;
  readonly oracle: Promise<SampleOracle>;
} {
  const chunks = sampleChunks(options);
  const { promise, resolve } = Promise.withResolvers<SampleOracle>();
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const step = chunks.next();
      if (step.done !== true) {
        controller.enqueue(step.value);
        return;
      }
      resolve(step.value);
      controller.close();
    },
  });
  return { stream, oracle: promise };
}

function* lineChunks(
  random: Random,
  domains: readonly string[],
  { kind, records, ownShare }: SampleOptions,
  oracle: OracleBuilder,
): Generator<Uint8Array, void, undefined> {
  const recent: MadeCredential[] = [];
  let text = '';
  for (let i = 0; i < records; i++) {
    const repeated = recent.length > 0 && random.chance(REPEAT_SHARE) ? recent[random.int(recent.length)] : undefined;
    const credential = repeated ?? makeCredential(random, domains, kind === 'combo', ownShare);
    recent[i % RECENT] = credential;
    oracle.add(credential);
    const { url, login, password } = credential;
    text += url === '' ? `${login}:${password}\n` : `${url}:${login}:${password}\n`;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield utf8(text);
    text = '';
  }
  if (text !== '') yield utf8(text);
}
