/**
 * The bench's material: bundles of made-up findings by columns, without an object that outlives its row. Skewed as leaks are: few
 * hosts, domains and sources have most of the findings, accounts repeat, one machine's logins stand together.
 */
import type { BundleColumns } from '@sealpost/shared/opened/bundle/columns';
import { FLAG_COMMON, FLAG_FITS_POLICY, FLAG_REUSED, NO_CODE } from '@sealpost/shared/opened/bundle/columns';
import { shareFactors, shareSources } from '@sealpost/shared/opened/bundle/distinct-rows';
import { GrowingBytes, GrowingDoubles, GrowingWords } from '@sealpost/shared/opened/bundle/growing';
import type { PublishPolicy } from '@sealpost/shared/opened/finding/finding';
import { COOKIE_STATES, EXPOSURES, IDENTITY_KINDS, SOURCE_CLASSES } from '@sealpost/shared/opened/finding/finding';
import { KEY_VERSION } from '@sealpost/shared/opened/finding/fingerprint';
import type { MadeRow, RowRange } from './rows.ts';
import { RowMaker } from './rows.ts';
import { Scores } from './scores.ts';
import { fingerprintOf, showsFingerprints } from './secrets.ts';
import { fillBytes, streamOf } from './seeds.ts';
import { TextCodes } from './text-codes.ts';
import type { World } from './world.ts';

export interface Material {
  readonly seed: number;
  readonly world: World;
  /** Findings that the world's accounts are meant for: 0.6 distinct accounts a finding. */
  readonly worldRows: number;
  readonly policy: PublishPolicy;
}

/** Columns of a bundle that holds `ranges` in this order. The same arguments, the same bytes. Cost: about 6 µs a row. */
export function makeColumns(material: Material, ranges: readonly RowRange[]): BundleColumns {
  const filler = new ColumnsFiller(material);
  const rows = new RowMaker(material.seed, material.world, material.worldRows);
  for (const range of ranges) for (const row of rows.rows(range)) filler.add(row);
  return filler.finish();
}

class ColumnsFiller {
  readonly #material: Material;
  readonly #texts = new Map<string, TextCodes>();
  readonly #bytes = new Map<string, GrowingBytes>();
  readonly #doubles = new Map<string, GrowingDoubles>();
  readonly #offsets = { sightings: startedOffsets(), tags: startedOffsets(), ledger: startedOffsets() };
  readonly #scores: Scores;
  readonly #sixteen = new Uint8Array(16);
  #rows = 0;

  constructor(material: Material) {
    this.#material = material;
    this.#scores = new Scores(this.#text('factorCode'), this.#text('factorNote'));
  }

  add(row: MadeRow): void {
    this.#rows++;
    const { account, host, source, machine, secret } = row;
    const isCloaked = this.#material.policy === 'none';
    this.#addId(row.number);
    this.#small('identityKind').push(IDENTITY_KINDS.indexOf(account.kind));
    this.#text('identity').pushNumbered(account.number, account.text);
    this.#text('mailboxKey').push(account.mailboxKey);
    this.#text('registrable').push(row.registrable);
    this.#text('host').push(host?.text ?? '');
    this.#small('pathClass').push(row.pathClass);
    this.#text('application').push(row.application);
    this.#small('exposure').push(EXPOSURES.indexOf(row.exposure));
    this.#small('context').push(row.isContextless ? 1 : 0);
    this.#small('sourceClass').push(SOURCE_CLASSES.indexOf(source.sourceClass));
    this.#text('sourceAlias').push(source.alias);
    this.#text('family').push(source.family);
    this.#text('machine').push(machine?.id ?? null);
    this.#text('machineName').push(machine?.name ?? null);
    this.#text('machineOs').push(machine?.os ?? null);
    this.#text('machineCountry').push(machine?.country ?? null);
    this.#time('capturedAtMs').push(row.capturedAtMs ?? Number.NaN);
    this.#time('publishedAtMs').push(row.publishedAtMs ?? Number.NaN);
    this.#time('ingestedAtMs').push(source.seenAtMs);
    this.#time('firstSeenAtMs').push(row.firstSeenAtMs);
    this.#time('lastSeenAtMs').push(row.lastSeenAtMs);
    this.#addSightings(row);
    this.#small('flags').push(
      (secret.fitsPolicy ? FLAG_FITS_POLICY : 0) |
        (secret.common ? FLAG_COMMON : 0) |
        (secret.reused ? FLAG_REUSED : 0),
    );
    this.#text('mask').push(isCloaked ? null : secret.mask);
    const isHidden = isCloaked || secret.mask === null;
    this.#small('lengthBand').push(isHidden ? NO_CODE : secret.lengthBand);
    this.#small('classes').push(isHidden ? NO_CODE : secret.classes);
    this.#small('strengthBand').push(isHidden ? NO_CODE : secret.strengthBand);
    this.#text('hashType').push(isCloaked ? null : secret.hashType);
    this.#addFingerprint('pair', row.number);
    this.#addFingerprint('secret', secret.number);
    this.#small('cookieState').push(COOKIE_STATES.indexOf(row.cookieState));
    for (const tag of row.tags) if (!isCloaked || tag !== 'org_name') this.#text('tag').push(tag);
    this.#offsets.tags.push(this.#text('tag').length);
    this.#addScore(row);
  }

  finish(): BundleColumns {
    const text = (name: string) => this.#text(name).finish();
    const small = (name: string) => this.#small(name).finish();
    const time = (name: string) => this.#time(name).finish();
    const hasFingerprints = showsFingerprints(this.#material.policy);
    return {
      rows: this.#rows,
      id: small('id'),
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
        offsets: this.#offsets.sightings.finish(),
        capturedAtMs: time('sightingCaptured'),
        ...shareSources({
          sourceId: small('sightingSource'),
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
      pairFp: hasFingerprints ? small('pair') : null,
      secretFp: hasFingerprints ? small('secret') : null,
      cookieState: small('cookieState'),
      tags: { offsets: this.#offsets.tags.finish(), tag: text('tag') },
      score: small('score'),
      level: small('level'),
      confidence: small('confidence'),
      ledger: {
        offsets: this.#offsets.ledger.finish(),
        ...shareFactors({ code: text('factorCode'), value: time('factorValue'), note: text('factorNote') }),
      },
    };
  }

  /** Keyed hashes look random but for their first byte, the version of the key. */
  #addId(number: number): void {
    fillBytes(this.#sixteen, streamOf(this.#material.seed, 6, number));
    this.#sixteen[0] = KEY_VERSION;
    this.#small('id').append(this.#sixteen);
  }

  #addFingerprint(topic: 'pair' | 'secret', number: number): void {
    if (!showsFingerprints(this.#material.policy)) return;
    fingerprintOf(this.#material.seed, topic, number, this.#sixteen);
    this.#small(topic).append(this.#sixteen);
  }

  #addSightings({ sightings }: MadeRow): void {
    for (const { source, capturedAtMs } of sightings) {
      this.#small('sightingSource').append(source.id);
      this.#small('sightingClass').push(SOURCE_CLASSES.indexOf(source.sourceClass));
      this.#text('sightingAlias').push(source.alias);
      this.#text('sightingFamily').push(source.family);
      this.#time('sightingCaptured').push(capturedAtMs ?? Number.NaN);
      this.#time('sightingPublished').push(source.publishedAtMs ?? Number.NaN);
      this.#time('sightingSeen').push(source.seenAtMs);
    }
    this.#offsets.sightings.push(this.#time('sightingSeen').length);
  }

  #addScore(row: MadeRow): void {
    const { score, level, confidence, codes, values, notes } = this.#scores.scoreOf(row.risk);
    this.#small('score').push(score);
    this.#small('level').push(level);
    this.#small('confidence').push(confidence);
    this.#text('factorCode').append(codes);
    this.#time('factorValue').append(values);
    this.#text('factorNote').append(notes);
    this.#offsets.ledger.push(this.#time('factorValue').length);
  }

  #text(name: string): TextCodes {
    return made(this.#texts, name, () => new TextCodes());
  }

  #small(name: string): GrowingBytes {
    return made(this.#bytes, name, () => new GrowingBytes());
  }

  #time(name: string): GrowingDoubles {
    return made(this.#doubles, name, () => new GrowingDoubles());
  }
}

function startedOffsets(): GrowingWords {
  const offsets = new GrowingWords();
  offsets.push(0);
  return offsets;
}

function made<T>(map: Map<string, T>, name: string, make: () => T): T {
  const known = map.get(name);
  if (known !== undefined) return known;
  const value = make();
  map.set(name, value);
  return value;
}
