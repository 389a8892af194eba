/** What a finding shows of its secret, as if there had been one. No password is made: only what is left of it. */
import type { PublishPolicy } from '@sealpost/shared/opened/finding/finding';
import {
  CLASS_DIGIT,
  CLASS_LOWER,
  CLASS_OTHER,
  CLASS_SYMBOL,
  CLASS_UPPER,
  STRENGTH_BANDS,
} from '@sealpost/shared/opened/finding/finding';
import type { Random } from '@sealpost/shared/opened/sample/random';
import { HASH_TYPES, PASSWORD_ENDS, PASSWORD_STARTS } from './names.ts';
import { fillBytes, streamOf, Zipf } from './seeds.ts';

export interface SecretTraces {
  readonly hashType: string | null;
  /** `null` for a hash. */
  readonly mask: string | null;
  /** Indices into LENGTH_BANDS and STRENGTH_BANDS, CLASS_* bits. */
  readonly lengthBand: number;
  readonly strengthBand: number;
  readonly classes: number;
  readonly fitsPolicy: boolean;
  readonly common: boolean;
  readonly reused: boolean;
  /** Numbers the secret: equal numbers are equal secrets. */
  readonly number: number;
}

const COMMON_SECRETS = 5000;
/** Of every hundred secrets, how many fall into each of LENGTH_BANDS (added up). */
const LENGTHS = [12, 65, 92, 100] as const;
const byCommon = new Zipf(COMMON_SECRETS, 1);
const byStart = new Zipf(PASSWORD_STARTS.length, 0.6);
const byEnd = new Zipf(PASSWORD_ENDS.length, 0.7);

/** The secret of a row; `unique` numbers the row. */
export function drawSecret(seed: number, random: Random, isHash: boolean, unique: number): SecretTraces {
  const common = random.chance(0.22);
  const number = common ? byCommon.draw(random) : COMMON_SECRETS + unique;
  const of = streamOf(seed, 5, number);
  const share = of.int(100);
  const lengthBand = LENGTHS.findIndex((end) => share < end);
  const classes = drawClasses(of);
  const kinds = bitCount(classes);
  const strengthBand = common ? of.int(2) : Math.min(STRENGTH_BANDS.length - 1, Math.max(0, lengthBand + kinds - 3));
  return {
    hashType: isHash ? of.pick(HASH_TYPES) : null,
    mask: isHash ? null : drawMask(of, lengthBand, (classes & CLASS_OTHER) !== 0),
    lengthBand,
    strengthBand,
    classes,
    fitsPolicy: lengthBand > 0 && kinds >= 3,
    common,
    reused: common || random.chance(0.15),
    number,
  };
}

/** 16 bytes of a pair's or a secret's fingerprint (policies `fingerprint` and `sealed`). */
export function fingerprintOf(seed: number, topic: 'pair' | 'secret', number: number, into: Uint8Array): void {
  fillBytes(into, streamOf(seed, topic === 'pair' ? 8 : 9, number));
}

/** Whether a bundle of this policy has fingerprints. */
export function showsFingerprints(policy: PublishPolicy): boolean {
  return policy === 'fingerprint' || policy === 'sealed';
}

function drawClasses(random: Random): number {
  if (random.chance(0.01)) return CLASS_OTHER | CLASS_DIGIT;
  return (
    (random.chance(0.9) ? CLASS_LOWER : 0) |
    (random.chance(0.45) ? CLASS_UPPER : 0) |
    (random.chance(0.25) ? CLASS_SYMBOL : 0) |
    CLASS_DIGIT
  );
}

/** DOMAIN rule 1: nothing of a short one, one character on either side up to 11, then two. */
function drawMask(random: Random, lengthBand: number, isThai: boolean): string {
  const start = isThai ? 'รห' : (PASSWORD_STARTS[byStart.draw(random)] ?? '');
  const end = PASSWORD_ENDS[byEnd.draw(random)] ?? '';
  const kept = Math.min(lengthBand, 2);
  return `${start.slice(0, kept)}******${kept === 0 ? '' : end.slice(-kept)}`;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
