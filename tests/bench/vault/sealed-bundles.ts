/**
 * The bench's bundles as sealed files, made once by the app's own packing and sealing and kept under `.cache/bench`: generation
 * then costs the measured browser neither time nor memory.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64url } from '@sealpost/shared/base/base64url';
import type { BundleColumns } from '@sealpost/shared/opened/bundle/columns';
import { metadataToPairs } from '@sealpost/shared/opened/bundle/metadata';
import { writeArrowStream } from '@sealpost/shared/opened/bundle/arrow-write';
import { BUNDLE_MEDIA, bundleFields, SCHEMA_VERSION, toArrowColumns } from '@sealpost/shared/opened/bundle/schema';
import type { PublishPolicy } from '@sealpost/shared/opened/finding/finding';
import { KEY_VERSION } from '@sealpost/shared/opened/finding/fingerprint';
import { MODEL_V1 } from '@sealpost/shared/opened/risk/model-v1';
import { generateAgeSecret } from '@sealpost/shared/sealed/crypto/age';
import { generateSigningSecret, importSigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import { packGzip } from '@sealpost/shared/sealed/envelope/gzip';
import type { OrgId } from '@sealpost/shared/sealed/envelope/heads';
import { sealEnvelope } from '@sealpost/shared/sealed/envelope/seal';
import type { Sid } from '@sealpost/shared/sealed/envelope/statement';
import type { SealedBundle } from './bench-calls.ts';
import { makeColumns } from './material/make-columns.ts';
import type { RowRange } from './material/rows.ts';
import type { Report } from './report.ts';
import { SEED } from './material/seeds.ts';
import { World } from './material/world.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** Sealed bundles lie here; the bench's server serves the folder. */
export const BUNDLE_FOLDER = join(ROOT, '.cache', 'bench', 'bundles');
/** What a bundle's bytes depend on. */
const SOURCES = ['shared/src/base', 'shared/src/sealed', 'shared/src/opened/bundle', 'shared/src/opened/finding'];
const MORE_SOURCES = ['shared/src/opened/risk', 'tests/bench/vault/material'];

/** The most findings in one bundle: sealed and inflated sizes stay far below what an envelope may have (FORMATS, Envelope). */
const BUNDLE_ROWS = 1_000_000;

export interface BundlePlan {
  readonly worldRows: number;
  readonly ranges: readonly RowRange[];
  readonly policy: PublishPolicy;
}

/** Findings 0 to `rows` in as many bundles as they need. */
export function plansFor(rows: number, policy: PublishPolicy): readonly BundlePlan[] {
  return Array.from({ length: Math.ceil(rows / BUNDLE_ROWS) }, (_, at) => ({
    worldRows: rows,
    ranges: [{ from: at * BUNDLE_ROWS, to: Math.min(rows, (at + 1) * BUNDLE_ROWS) }],
    policy,
  }));
}

/** A bundle of `count` findings that comes after `rows` others: a tenth of it was seen before. */
export function appendPlan(rows: number, count: number, policy: PublishPolicy): BundlePlan {
  const known = Math.min(rows, Math.floor(count / 10));
  const ranges = [
    { from: 0, to: known, again: true },
    { from: rows, to: rows + count - known },
  ];
  return { worldRows: rows, ranges, policy };
}

/** The sealed file of `plan`, from the cache if it is there. */
export async function sealedBundle(plan: BundlePlan, report?: Report): Promise<SealedBundle> {
  mkdirSync(BUNDLE_FOLDER, { recursive: true });
  const sources = sourceHash();
  const name = `${sources}-${hashOf(JSON.stringify([SEED, plan]))}`;
  const description = join(BUNDLE_FOLDER, `${name}.json`);
  if (existsSync(description)) return JSON.parse(readFileSync(description, 'utf8')) as SealedBundle;
  removeOthers(sources);
  report?.progress(`sealing made-up findings (${plan.ranges.map(({ from, to }) => `${from} to ${to}`).join(', ')})…`);
  const columns = makeColumns({ seed: SEED, world: new World(SEED), ...plan }, plan.ranges);
  const { bytes, bundle } = await seal(columns, plan.policy);
  writeFileSync(join(BUNDLE_FOLDER, `${bundle.sha256}.age`), bytes);
  // Last, and by renaming: a bench that was stopped here seals anew.
  const unfinished = `${description}.${process.pid}.tmp`;
  writeFileSync(unfinished, JSON.stringify(bundle));
  renameSync(unfinished, description);
  return bundle;
}

async function seal(columns: BundleColumns, policy: PublishPolicy) {
  const { rows } = columns;
  const counts = { 'made-up': rows };
  const metadata = metadataToPairs({
    schemaVersion: SCHEMA_VERSION,
    modelVersion: MODEL_V1.version,
    keyVersion: KEY_VERSION,
    policy,
    tlp: 'TLP:AMBER+STRICT',
    caveat: null,
    sources: Object.entries(counts).map(([alias, count]) => ({ alias, sourceClass: 'ulp', count })),
    withheld: { contextless: 0, unproven: 0, unconfirmed: 0 },
  });
  const packed = await packGzip(
    writeArrowStream(bundleFields(SCHEMA_VERSION, policy), toArrowColumns(columns), rows, metadata),
  );
  const signing = await generateSigningSecret();
  const reader = await generateAgeSecret();
  const org = toBase64url(random(16)) as OrgId;
  const head = [1, toBase64url(random(32)) as Sid] as const;
  const sealed = await sealEnvelope({
    kind: 'bundle',
    iss: 'cert' as OrgId,
    aud: { org, generation: 1 },
    epoch: 1,
    seq: 1,
    heads: { cert: head, [org]: head },
    counts: { salt: toBase64url(random(32)), sources: counts },
    media: BUNDLE_MEDIA,
    ...packed,
    signer: await importSigningKey(signing),
    recipients: [reader.recipient],
    nowMs: Date.now(),
    random,
  });
  const bundle = {
    rows,
    size: sealed.size,
    inflated: packed.inflated,
    sha256: toBase64url(sealed.sha256),
    id: sealed.id,
    org,
    readSecret: reader.secret,
    signer: toBase64url(signing.publicKey),
  };
  return { bytes: sealed.bytes, bundle };
}

function random(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** Changes with every source file that a bundle is made by. */
function sourceHash(): string {
  const hash = createHash('sha256');
  for (const folder of [...SOURCES, ...MORE_SOURCES]) {
    for (const path of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      if (path.endsWith('.ts') && !path.endsWith('.test.ts'))
        hash
          .update(path)
          .update('\0')
          .update(readFileSync(join(ROOT, folder, path)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Bundles of other sources are never asked for again. What is younger than an hour may be another process's, still unnamed. */
function removeOthers(sources: string): void {
  const names = readdirSync(BUNDLE_FOLDER);
  const kept = names.filter((name) => name.startsWith(sources) && name.endsWith('.json'));
  const files = kept.map(
    (name) => (JSON.parse(readFileSync(join(BUNDLE_FOLDER, name), 'utf8')) as SealedBundle).sha256,
  );
  for (const name of names) {
    const path = join(BUNDLE_FOLDER, name);
    if (kept.includes(name) || files.includes(name.replace(/\.age$/, ''))) continue;
    const madeAtMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (Date.now() - madeAtMs > 3_600_000) rmSync(path, { force: true });
  }
}
