import * as v from 'valibot';
import { utf8 } from '../../base/bytes.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import { parseStrictJson } from '../../base/strict-json.ts';
import type { Kid } from '../crypto/keys.ts';
import type { Counts } from '../envelope/claims.ts';
import { CountsSchema, EnvelopeIdSchema } from '../envelope/claims.ts';
import { commitToCounts } from './counts.ts';
import { parseManifest, verifyManifest } from './manifest.ts';
import { isListed } from './manifest-claims.ts';

/**
 * What was sent, for whoever asks later: the operator's signed list, which only holds a commitment, and what opens it. It tells
 * numbers by source alias, nothing of what was found.
 */

const FORMAT = 'sealpost-counts/1';
const MAX_CHARS = 4 * 1024 * 1024;

const CountsProofSchema = v.strictObject({
  format: v.literal(FORMAT),
  /** The manifest as it was signed. */
  manifest: v.string(),
  bundle: EnvelopeIdSchema,
  counts: CountsSchema,
});

export type CountsProof = Omit<v.InferOutput<typeof CountsProofSchema>, 'format'>;

/** What a proof that holds says. */
export interface ProvedCounts {
  readonly bundle: string;
  /** Who signed the list, and when. */
  readonly signer: Kid;
  readonly atSeconds: number;
  readonly findings: number;
  readonly sources: Counts['sources'];
}

/**
 * - `malformed`: no proof file.
 * - `signature`: the list is not signed by the key that it names.
 * - `not-listed`: the list does not have the bundle, or not with numbers.
 * - `counts`: the list commits to other numbers.
 */
export type CountsProofError = { readonly kind: 'malformed' | 'signature' | 'not-listed' | 'counts' };

/** UTF-8 bytes of the file. */
export function encodeCountsProof(proof: CountsProof): Bytes {
  return utf8(`${JSON.stringify({ format: FORMAT, ...proof }, null, 2)}\n`);
}

/** Reads and checks a file. `keyOf` answers the public key of an operator, `null` for a stranger's. */
export async function verifyCountsProof(
  text: string,
  keyOf: (kid: Kid) => Uint8Array | null,
): Promise<Result<ProvedCounts, CountsProofError>> {
  const json = parseStrictJson(text, MAX_CHARS);
  const parsed = json.ok ? v.safeParse(CountsProofSchema, json.value) : null;
  if (parsed?.success !== true) return err({ kind: 'malformed' });
  const { bundle, counts } = parsed.output;
  const manifest = parseManifest(parsed.output.manifest);
  if (!manifest.ok) return err({ kind: 'malformed' });
  const { feed, iat, items } = manifest.value.claims;
  const publicKey = keyOf(feed);
  if (publicKey === null || !(await verifyManifest(manifest.value, publicKey))) return err({ kind: 'signature' });
  const item = items.find(({ id }) => id === bundle);
  if (item === undefined || !isListed(item) || item.counts === undefined) return err({ kind: 'not-listed' });
  if (item.counts !== commitToCounts(counts)) return err({ kind: 'counts' });
  const findings = Object.values(counts.sources).reduce((sum, count) => sum + count, 0);
  return ok({ bundle, signer: feed, atSeconds: iat, findings, sources: counts.sources });
}
