/**
 * What is kept of a clear secret once it is gone: computed one time when a record is loaded (INGEST, Password features). Nothing
 * here may hold more of the secret than the mask of DOMAIN rule 1.
 */
import type { LengthBand, StrengthBand } from './finding.ts';
import { CLASS_DIGIT, CLASS_LOWER, CLASS_OTHER, CLASS_SYMBOL, CLASS_UPPER } from './finding.ts';
import { countGraphemes, maskText } from './mask.ts';
import type { OrganisationProfile, PasswordPolicy } from './profile.ts';
import { DEFAULT_PASSWORD_POLICY } from './profile.ts';
import { estimateStrength, wordsByStart } from './strength.ts';
import type { WordsByStart } from './strength.ts';

export interface ClearFeatures {
  readonly mask: string;
  readonly lengthBand: LengthBand;
  /** CLASS_* bits. */
  readonly classes: number;
  readonly strengthBand: StrengthBand;
  readonly fitsPolicy: boolean;
  readonly common: boolean;
  /** Holds a word of the organisation's names or domains. */
  readonly organisationName: boolean;
}

/** What features are computed against; made once per organisation. */
export interface FeatureContext {
  readonly policy: PasswordPolicy;
  /** Lower-case words of names and domains, the longest of each beginning first. */
  readonly organisationWords: WordsByStart;
}

/** Words that half the country's names share say nothing about one organisation. */
const GENERIC = new Set([
  'the',
  'and',
  'for',
  'www',
  'mail',
  'office',
  'agency',
  'department',
  'ministry',
  'example',
  'thailand',
]);

/** Compiles the names, domains and policy of `profile`. */
export function featureContext(profile: OrganisationProfile): FeatureContext {
  const fromNames = profile.names.flatMap((name) => name.toLowerCase().split(/[^\p{L}\p{N}\p{M}]+/u));
  const fromDomains = profile.domains.map((domain) => domain.toLowerCase().split('.')[0] ?? '');
  const words = [...new Set([...fromNames, ...fromDomains])].filter((word) => word.length >= 3 && !GENERIC.has(word));
  return {
    policy: profile.passwordPolicy ?? DEFAULT_PASSWORD_POLICY,
    organisationWords: wordsByStart(words.sort((a, b) => b.length - a.length)),
  };
}

/** Features of a clear secret as it is: no trimming, no normal form. */
export function secretFeatures(secret: string, context: FeatureContext): ClearFeatures {
  const strength = estimateStrength(secret, context.organisationWords);
  const length = countGraphemes(secret);
  const classes = classesOf(secret);
  return {
    mask: maskText(secret),
    lengthBand: length < 8 ? '<8' : length < 12 ? '8-11' : length < 16 ? '12-15' : '16+',
    classes,
    strengthBand: strength.band,
    fitsPolicy: length >= context.policy.minLength && bitCount(classes) >= context.policy.minClasses,
    common: strength.common,
    organisationName: strength.organisationName,
  };
}

/** CLASS_* bits of the characters that occur. */
function classesOf(secret: string): number {
  let classes = 0;
  for (let i = 0; i < secret.length; i++) {
    const code = secret.charCodeAt(i);
    if (code >= 0x61 && code <= 0x7a) classes |= CLASS_LOWER;
    else if (code >= 0x41 && code <= 0x5a) classes |= CLASS_UPPER;
    else if (code >= 0x30 && code <= 0x39) classes |= CLASS_DIGIT;
    else if (code >= 0x20 && code < 0x7f) classes |= CLASS_SYMBOL;
    else classes |= CLASS_OTHER;
  }
  return classes;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
