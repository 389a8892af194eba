/**
 * Findings to columns, by publish policy: what DOMAIN rule 2 does not release is null from here on, so that no later step can leak
 * it. National ids are masked here, too.
 */
import { parseBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Finding, PublishPolicy } from '../finding/finding.ts';
import {
  CONFIDENCES,
  COOKIE_STATES,
  EXPOSURES,
  IDENTITY_KINDS,
  LENGTH_BANDS,
  LEVELS,
  PATH_CLASSES,
  SOURCE_CLASSES,
  STRENGTH_BANDS,
} from '../finding/finding.ts';
import { maskText } from '../finding/mask.ts';
import { MAX_TEXT_BYTES, MAX_TIME_MS } from './arrow-column.ts';
import type { BundleColumns } from './columns.ts';
import { CONTEXTS, FLAG_COMMON, FLAG_FITS_POLICY, FLAG_REUSED, NO_CODE, NO_TEXT } from './columns.ts';
import { shareFactors, shareSources } from './distinct-rows.ts';
import { GrowingBytes, GrowingDoubles, GrowingWords } from './growing.ts';
import { TextColumnBuilder } from './text-column.ts';

/** Tags that tell something about the secret: not released under policy `none`. */
export const SECRET_TAGS: ReadonlySet<string> = new Set(['org_name']);

/** Columns of `findings` as `policy` releases them. Throws on a finding whose ids are not base64url of their length: a bug. */
export function columnsOf(findings: Iterable<Finding>, policy: PublishPolicy): BundleColumns {
  const builder = new ColumnsBuilder(policy);
  for (const finding of findings) builder.add(finding);
  return builder.finish();
}

class ColumnsBuilder {
  readonly #policy: PublishPolicy;
  readonly #id = new GrowingBytes();
  readonly #bytes = new Map<string, GrowingBytes>();
  readonly #texts = new Map<string, TextColumnBuilder>();
  readonly #times = new Map<string, GrowingDoubles>();
  readonly #sourceId = new GrowingBytes();
  readonly #sightingOffsets = new GrowingWords();
  readonly #tagOffsets = new GrowingWords();
  readonly #ledgerOffsets = new GrowingWords();
  readonly #pairFp = new GrowingBytes();
  readonly #secretFp = new GrowingBytes();
  #rows = 0;

  constructor(policy: PublishPolicy) {
    this.#policy = policy;
    for (const offsets of [this.#sightingOffsets, this.#tagOffsets, this.#ledgerOffsets]) offsets.push(0);
  }

  add(finding: Finding): void {
    const showsFeatures = this.#policy !== 'none';
    this.#rows++;
    this.#id.append(bytesOf(finding.id, 16));
    this.#word('identityKind', IDENTITY_KINDS, finding.identityKind);
    this.#text('identity', finding.identityKind === 'national_id' ? maskedOnce(finding.identity) : finding.identity);
    this.#text('mailboxKey', finding.mailboxKey);
    this.#text('registrable', finding.registrable);
    this.#text('host', finding.host);
    this.#word('pathClass', PATH_CLASSES, finding.pathClass);
    this.#text('application', finding.application);
    this.#word('exposure', EXPOSURES, finding.exposure);
    this.#word('context', CONTEXTS, finding.context);
    this.#word('sourceClass', SOURCE_CLASSES, finding.sourceClass);
    this.#text('sourceAlias', finding.sourceAlias);
    this.#text('family', finding.family);
    this.#text('machine', finding.machine);
    this.#text('machineName', finding.machineName);
    this.#text('machineOs', finding.machineOs);
    this.#text('machineCountry', finding.machineCountry);
    this.#time('capturedAtMs', finding.capturedAtMs);
    this.#time('publishedAtMs', finding.publishedAtMs);
    this.#time('ingestedAtMs', finding.ingestedAtMs);
    this.#time('firstSeenAtMs', finding.firstSeenAtMs);
    this.#time('lastSeenAtMs', finding.lastSeenAtMs);
    this.#addSightings(finding);
    this.#addSecret(finding, showsFeatures);
    this.#word('cookieState', COOKIE_STATES, finding.cookieState);
    for (const tag of finding.tags) if (showsFeatures || !SECRET_TAGS.has(tag)) this.#text('tag', tag);
    this.#tagOffsets.push(this.#textBuilder('tag').length);
    this.#small('score').push(finding.score);
    this.#word('level', LEVELS, finding.level);
    this.#word('confidence', CONFIDENCES, finding.confidence);
    for (const factor of finding.ledger) {
      this.#text('factorCode', factor.code);
      this.#doubles('factorValue').push(factor.value);
      this.#text('factorNote', factor.note ?? null);
    }
    this.#ledgerOffsets.push(this.#textBuilder('factorCode').length);
  }

  finish(): BundleColumns {
    const text = (name: string) => this.#textBuilder(name).finish();
    const time = (name: string) => this.#doubles(name).finish();
    const small = (name: string) => this.#small(name).finish();
    const showsFingerprints = this.#policy === 'fingerprint' || this.#policy === 'sealed';
    return {
      rows: this.#rows,
      id: this.#id.finish(),
      identityKind: small('identityKind'),
      identity: text('identity'),
      mailboxKey: text('mailboxKey'),
      registrable: text('registrable'),
      host: text('host'),
      pathClass: small('pathClass'),
      application: text('application'),
      exposure: small('exposure'),
      context: small('context'),
      sourceClass: small('sourceClass'),
      sourceAlias: text('sourceAlias'),
      family: text('family'),
      machine: text('machine'),
      machineName: text('machineName'),
      machineOs: text('machineOs'),
      machineCountry: text('machineCountry'),
      capturedAtMs: time('capturedAtMs'),
      publishedAtMs: time('publishedAtMs'),
      ingestedAtMs: time('ingestedAtMs'),
      firstSeenAtMs: time('firstSeenAtMs'),
      lastSeenAtMs: time('lastSeenAtMs'),
      sightings: {
        offsets: this.#sightingOffsets.finish(),
        capturedAtMs: time('sightingCaptured'),
        ...shareSources({
          sourceId: this.#sourceId.finish(),
          sourceClass: small('sightingClass'),
          alias: text('sightingAlias'),
          family: text('sightingFamily'),
          publishedAtMs: time('sightingPublished'),
          seenAtMs: time('sightingSeen'),
        }),
      },
      flags: small('flags'),
      mask: text('mask'),
      lengthBand: small('lengthBand'),
      classes: small('classes'),
      strengthBand: small('strengthBand'),
      hashType: text('hashType'),
      pairFp: showsFingerprints ? this.#pairFp.finish() : null,
      secretFp: showsFingerprints ? this.#secretFp.finish() : null,
      cookieState: small('cookieState'),
      tags: { offsets: this.#tagOffsets.finish(), tag: text('tag') },
      score: small('score'),
      level: small('level'),
      confidence: small('confidence'),
      ledger: {
        offsets: this.#ledgerOffsets.finish(),
        ...shareFactors({ code: text('factorCode'), value: time('factorValue'), note: text('factorNote') }),
      },
    };
  }

  #addSightings({ sightings }: Finding): void {
    for (const sighting of sightings) {
      this.#sourceId.append(bytesOf(sighting.sourceId, 8));
      this.#word('sightingClass', SOURCE_CLASSES, sighting.sourceClass);
      this.#text('sightingAlias', sighting.alias);
      this.#text('sightingFamily', sighting.family);
      this.#time('sightingCaptured', sighting.capturedAtMs);
      this.#time('sightingPublished', sighting.publishedAtMs);
      this.#time('sightingSeen', sighting.seenAtMs);
    }
    this.#sightingOffsets.push(this.#sourceId.length / 8);
  }

  #addSecret({ secret }: Finding, showsFeatures: boolean): void {
    const flags =
      (secret.fitsPolicy ? FLAG_FITS_POLICY : 0) |
      (secret.common ? FLAG_COMMON : 0) |
      (secret.reused ? FLAG_REUSED : 0);
    this.#small('flags').push(flags);
    this.#text('mask', showsFeatures ? secret.mask : null);
    this.#word('lengthBand', LENGTH_BANDS, showsFeatures ? secret.lengthBand : null);
    this.#small('classes').push(showsFeatures ? (secret.classes ?? NO_CODE) : NO_CODE);
    this.#word('strengthBand', STRENGTH_BANDS, showsFeatures ? secret.strengthBand : null);
    this.#text('hashType', showsFeatures ? secret.hashType : null);
    this.#pairFp.append(secret.pairFp === null ? new Uint8Array(16) : bytesOf(secret.pairFp, 16));
    this.#secretFp.append(secret.secretFp === null ? new Uint8Array(16) : bytesOf(secret.secretFp, 16));
  }

  #text(name: string, text: string | null): void {
    this.#textBuilder(name).push(text);
  }

  #word<T extends string>(name: string, words: readonly T[], word: T | null): void {
    const code = word === null ? NO_CODE : words.indexOf(word);
    if (code < 0) throw new TypeError(name);
    this.#small(name).push(code);
  }

  /** Times that are none (before 1970, after 9999) are unknown. */
  #time(name: string, ms: number | null): void {
    this.#doubles(name).push(ms !== null && ms >= 0 && ms <= MAX_TIME_MS ? Math.trunc(ms) : Number.NaN);
  }

  #textBuilder(name: string): TextColumnBuilder {
    return made(this.#texts, name, () => new TextColumnBuilder(MAX_TEXT_BYTES, NO_TEXT));
  }

  #small(name: string): GrowingBytes {
    return made(this.#bytes, name, () => new GrowingBytes());
  }

  #doubles(name: string): GrowingDoubles {
    return made(this.#times, name, () => new GrowingDoubles());
  }
}

/** Drafts hold national ids masked already: masking a mask would change it. */
function maskedOnce(identity: string): string {
  return identity.includes('*') ? identity : maskText(identity);
}

function bytesOf(text: string, length: number): Bytes {
  const bytes = parseBase64url(text, length);
  if (bytes === null) throw new TypeError('columnsOf: an id is no base64url');
  return bytes;
}

function made<T>(map: Map<string, T>, name: string, make: () => T): T {
  const known = map.get(name);
  if (known !== undefined) return known;
  const value = make();
  map.set(name, value);
  return value;
}
