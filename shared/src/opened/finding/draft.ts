/**
 * Records of one load to findings of one organisation: classified, fingerprinted, merged by id while they come, scored at the end,
 * when reuse, logins per machine and sightings of the whole load are known. Clear secrets leave only through `secrets()`.
 */
import type { Ms } from '../../base/brand.ts';
import type { DomainName } from '../../base/domain-name.ts';
import { registrableDomain } from '../../base/domain-name.ts';
import { toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { utf8 } from '../../base/bytes.ts';
import { sha256 } from '../../sealed/crypto/hash.ts';
import type { LoadedRecord, Provenance, SourceDescription } from '../ingest/record.ts';
import type { RecordMatch } from '../match/match.ts';
import { scoreFinding } from '../risk/finding-risk.ts';
import type { Unscored } from '../risk/finding-risk.ts';
import type { ExposureRules } from './exposure.ts';
import { classifyExposure, compileExposure } from './exposure.ts';
import type { FeatureContext } from './features.ts';
import { featureContext, secretFeatures } from './features.ts';
import type { Exposure, Finding, FindingId, Level, Sighting, SourceClass } from './finding.ts';
import { EXPOSURES, LEVELS } from './finding.ts';
import type { FindingKeys } from './fingerprint.ts';
import { SECRET_CLEAR, SECRET_HASH } from './fingerprint.ts';
import type { Identity } from './identity.ts';
import { maskText } from './mask.ts';
import { mergeTags, worseCookie } from './merge.ts';
import { Networks } from './networks.ts';
import type { OrganisationProfile } from './profile.ts';
import { classRank, mergeSightings, summariseSightings } from './sighting.ts';
import type { Service } from './service.ts';
import type { Tag } from './tags.ts';

export interface DraftOptions {
  readonly profile: OrganisationProfile;
  readonly keys: FindingKeys;
  readonly nowMs: Ms;
  /** Published or drafted before: this load adds a sighting only. */
  readonly isKnown: (id: FindingId) => boolean;
  /** The secret (base64url of its fingerprint) was seen with another account of this organisation before. */
  readonly isReusedSecret?: (secretFp: string) => boolean;
  /** `false`: clear secrets are dropped at once, `secrets()` is empty. Default `true`. */
  readonly keepSecrets?: boolean;
}

export interface DraftCounts {
  /** Records given to `add`. */
  readonly records: number;
  /** Of these, records of which this organisation, as a parent, sees the number only. */
  readonly countsOnly: number;
  readonly findings: number;
  /** New ids. */
  readonly added: number;
  /** Known ids: new sightings. */
  readonly sightings: number;
  readonly byExposure: Readonly<Record<Exposure, number>>;
  readonly byLevel: Readonly<Record<Level, number>>;
  readonly secrets: number;
}

export interface DraftFinding {
  readonly finding: Finding;
  readonly known: boolean;
}

/** Where a finding stood in one source: enough to derive it again. */
export interface DraftPlace extends Provenance {
  readonly id: FindingId;
  readonly source: SourceDescription;
}

export interface DraftSecret {
  readonly id: FindingId;
  readonly secret: string;
}

/** Findings are made one by one while they are read: a million of them do not fit twice. */
export interface DraftResult {
  readonly counts: DraftCounts;
  findings(): Generator<DraftFinding, void, undefined>;
  /** Clear secrets of all findings that have one. */
  secrets(): Generator<DraftSecret, void, undefined>;
  /** One place for each finding and source: the first entry by name, in it the first byte. */
  places(): Generator<DraftPlace, void, undefined>;
  /** Findings of one machine, by whatever identifies it in its log. The first call goes through all of them. */
  ofMachine(machineKey: string): readonly Finding[];
}

/** Sources of this load that prove less than they seem to (source quality): they lower confidence, never the score. */
export interface DoubtfulSources {
  /** Nothing in them but mailboxes of this organisation. */
  readonly selfDomainOnly: readonly SourceDescription[];
  /** They repeat a known source, so they are no independent ones. */
  readonly recycled: readonly SourceDescription[];
}

const NO_DOUBT: DoubtfulSources = { selfDomainOnly: [], recycled: [] };

interface Place {
  readonly source: SourceDescription;
  readonly provenance: Provenance;
}

/** One id so far. */
interface Draft {
  readonly seed: Unscored;
  readonly sightings: readonly Sighting[];
  readonly secret: string | null;
  readonly secretFp: string | null;
  readonly parserConfidence: number;
}

/** A capture later than the load by more than this is a wrong clock (INGEST, Thai, dates). */
const FUTURE_MS = 2 * 86_400_000;

/** Below this, the parser says itself that it may be wrong. */
const SURE = 0.5;

/** Collects the findings of one organisation over one load. Not for two loads: `nowMs` is when it was loaded. */
export class DraftBuilder {
  readonly #options: DraftOptions;
  readonly #rules: ExposureRules;
  readonly #features: FeatureContext;
  readonly #devicePrefixes: readonly string[];
  readonly #networks: Networks;
  readonly #draftById = new Map<FindingId, Draft>();
  /** A finding has one source mostly: a map for each would cost more than the places. */
  readonly #placesById = new Map<FindingId, readonly Place[]>();
  readonly #sourceIdByHash = new WeakMap<Uint8Array, string>();
  readonly #sourceIdByOrigin = new Map<string, string>();
  /** Identity that first used a secret, or '' once there are two. */
  readonly #userBySecret = new Map<string, string>();
  readonly #loginsByMachine = new Map<string, Set<string>>();
  #records = 0;
  #countsOnly = 0;

  constructor(options: DraftOptions) {
    this.#options = options;
    this.#rules = compileExposure(options.profile);
    this.#features = featureContext(options.profile);
    this.#devicePrefixes = (options.profile.deviceNamePrefixes ?? []).map((prefix) => prefix.toLowerCase());
    this.#networks = new Networks(options.profile.networks ?? []);
  }

  /** Findings so far. */
  get size(): number {
    return this.#draftById.size;
  }

  /**
   * Takes one record that `match` says concerns this organisation.
   *
   * @returns the pair's fingerprint, `null` where the organisation sees the number only.
   */
  add(record: LoadedRecord, match: RecordMatch, source: SourceDescription): Bytes | null {
    this.#records++;
    if (match.countsOnly) {
      this.#countsOnly++;
      return null;
    }
    const { draft, pairFp } = this.#draftOf(record, match, source);
    const known = this.#draftById.get(draft.seed.id);
    this.#draftById.set(draft.seed.id, known === undefined ? draft : mergeDrafts(known, draft));
    this.#notePlace(draft.seed.id, record.provenance, source);
    return pairFp;
  }

  /** Closes the load: counts at once, rows on demand. */
  finish(doubtful: DoubtfulSources = NO_DOUBT): DraftResult {
    const idsOf = (sources: readonly SourceDescription[]) => new Set(sources.map((source) => this.#sourceId(source)));
    const doubt: Doubt = { selfDomainOnly: idsOf(doubtful.selfDomainOnly), recycled: idsOf(doubtful.recycled) };
    let byMachine: ReadonlyMap<string, readonly Draft[]> | null = null;
    return {
      counts: this.#counts(doubt),
      findings: () => this.#findings(doubt),
      secrets: () => this.#secrets(),
      places: () => this.#places(),
      ofMachine: (machineKey) => {
        byMachine ??= this.#byMachine();
        const drafts = byMachine.get(this.#options.keys.machine(machineKey)) ?? [];
        return drafts.map((draft) => this.#scored(draft, doubt));
      },
    };
  }

  #draftOf(
    record: LoadedRecord,
    match: RecordMatch,
    source: SourceDescription,
  ): { readonly draft: Draft; readonly pairFp: Bytes } {
    const { keys, nowMs } = this.#options;
    const { identity, service } = match;
    const secret = record.rawPassword ?? record.password;
    const isHash = record.hashTypes.length > 0;
    const secretText = isHash && record.salt !== undefined ? `${secret}:${record.salt}` : secret;
    const secretFp = secret === '' ? null : keys.secretFp(isHash ? SECRET_HASH : SECRET_CLEAR, secretText);
    const registrable = registrableOf(identity, service);
    const key = {
      identityKind: identity.kind,
      identity: identity.canonical,
      registrable,
      host: service.appId ?? service.host,
      secretFp,
    };
    const id = keys.id(key);
    const pairFp = keys.pairFp(key);
    const secretFpText = secretFp === null ? null : toBase64url(secretFp);
    const machine = record.machine === null ? null : keys.machine(record.machine.key);
    const { exposure, ownHost, ownMail } = classifyExposure(identity, service, this.#rules);
    this.#noteUse(`${identity.kind}:${identity.canonical}`, secretFpText, ownHost || ownMail ? machine : null);
    const clear = secret === '' || isHash ? null : secretFeatures(secret, this.#features);
    const sighting = this.#sightingOf(record, source, isHash);
    const seed: Unscored = {
      id,
      identityKind: identity.kind,
      identity: identity.kind === 'national_id' ? maskText(identity.canonical) : identity.canonical,
      mailboxKey: identity.mailboxKey,
      registrable,
      host: service.host,
      pathClass: service.pathClass,
      application: service.appId ?? record.application,
      exposure: isWeak(match) ? 'unclassified' : exposure,
      context: service.host === '' && service.appId === null ? 'none' : 'service',
      machine,
      machineName: record.machine?.name ?? null,
      machineOs: record.machine?.os ?? null,
      machineCountry: record.machine?.country ?? null,
      ingestedAtMs: nowMs,
      ...summariseSightings([sighting]),
      sightings: [sighting],
      secret: {
        fitsPolicy: clear?.fitsPolicy ?? false,
        common: clear?.common ?? false,
        reused: false,
        mask: clear?.mask ?? null,
        lengthBand: clear?.lengthBand ?? null,
        classes: clear?.classes ?? null,
        strengthBand: clear?.strengthBand ?? null,
        hashType: isHash ? (record.hashTypes[0] ?? null) : null,
        pairFp: toBase64url(pairFp),
        secretFp: secretFpText,
      },
      cookieState: record.cookieState,
      tags: this.#tagsOf(record, match, clear?.organisationName ?? false),
    };
    const draft: Draft = {
      seed,
      sightings: [sighting],
      secret: clear === null || this.#options.keepSecrets === false ? null : secret,
      secretFp: secretFpText,
      parserConfidence: record.confidence,
    };
    return { draft, pairFp };
  }

  #sightingOf(record: LoadedRecord, source: SourceDescription, isHash: boolean): Sighting {
    return {
      sourceId: record.origin === undefined ? this.#sourceId(source) : this.#originId(record.origin),
      sourceClass: isHash ? hashClass(record.sourceClass) : record.sourceClass,
      alias: source.alias,
      family: record.machine?.family ?? null,
      capturedAtMs: this.#past(record.machine?.capturedAtMs ?? record.capturedAtMs ?? source.capturedAtMs),
      publishedAtMs: this.#past(record.publishedAtMs ?? source.publishedAtMs),
      seenAtMs: this.#options.nowMs,
    };
  }

  #sourceId(source: SourceDescription): string {
    let sourceId = this.#sourceIdByHash.get(source.sha256);
    if (sourceId === undefined) {
      sourceId = this.#options.keys.sourceId(source.sha256);
      this.#sourceIdByHash.set(source.sha256, sourceId);
    }
    return sourceId;
  }

  /** Next month's export of the same breach is the same source: it adds no sighting, and proves nothing anew. */
  #originId(origin: string): string {
    let sourceId = this.#sourceIdByOrigin.get(origin);
    if (sourceId === undefined) {
      sourceId = this.#options.keys.sourceId(sha256(utf8(`origin:${origin}`)));
      this.#sourceIdByOrigin.set(origin, sourceId);
    }
    return sourceId;
  }

  #past(ms: Ms | null): Ms | null {
    return ms === null || ms < 0 || ms > this.#options.nowMs + FUTURE_MS ? null : ms;
  }

  #tagsOf(record: LoadedRecord, match: RecordMatch, hasOrganisationName: boolean): readonly Tag[] {
    const { identity } = match;
    const tags: Tag[] = [];
    const name = record.machine?.name?.toLowerCase();
    if (record.confidence < SURE) tags.push('ambiguous');
    if (identity.canonical === '') tags.push('blank_login');
    if (name !== undefined && this.#devicePrefixes.some((prefix) => prefix !== '' && name.startsWith(prefix)))
      tags.push('corporate_device');
    if (isWeak(match)) tags.push('keyword_only');
    if (identity.mixedCase) tags.push('mixed_case');
    if (identity.kind === 'national_id') tags.push('national_id');
    if (record.password === '') tags.push('no_secret');
    if (hasOrganisationName) tags.push('org_name');
    if (this.#networks.holds(record.machine?.ip ?? null)) tags.push('own_network');
    if (identity.unlistedTld) tags.push('unlisted_tld');
    return tags;
  }

  /** Remembers who used which secret and who logged in on which machine. */
  #noteUse(user: string, secretFp: string | null, machine: string | null): void {
    if (secretFp !== null) {
      const before = this.#userBySecret.get(secretFp);
      if (before === undefined) this.#userBySecret.set(secretFp, user);
      else if (before !== user) this.#userBySecret.set(secretFp, '');
    }
    if (machine === null) return;
    const logins = this.#loginsByMachine.get(machine);
    if (logins === undefined) this.#loginsByMachine.set(machine, new Set([user]));
    else logins.add(user);
  }

  #counts(doubt: Doubt): DraftCounts {
    const byExposure = Object.fromEntries(EXPOSURES.map((exposure) => [exposure, 0])) as Record<Exposure, number>;
    const byLevel = Object.fromEntries(LEVELS.map((level) => [level, 0])) as Record<Level, number>;
    let known = 0;
    let secrets = 0;
    for (const draft of this.#draftById.values()) {
      byExposure[draft.seed.exposure]++;
      byLevel[this.#scored(draft, doubt).level]++;
      if (this.#options.isKnown(draft.seed.id)) known++;
      if (draft.secret !== null) secrets++;
    }
    const findings = this.#draftById.size;
    const load = {
      records: this.#records,
      countsOnly: this.#countsOnly,
      findings,
      added: findings - known,
      sightings: known,
    };
    return { ...load, byExposure, byLevel, secrets };
  }

  *#findings(doubt: Doubt): Generator<DraftFinding, void, undefined> {
    for (const draft of this.#draftById.values()) {
      yield { finding: this.#scored(draft, doubt), known: this.#options.isKnown(draft.seed.id) };
    }
  }

  #notePlace(id: FindingId, provenance: Provenance, source: SourceDescription): void {
    const places = this.#placesById.get(id) ?? [];
    const known = places.find((place) => place.source === source);
    if (known !== undefined && !isBefore(provenance, known.provenance)) return;
    this.#placesById.set(id, [...places.filter((place) => place !== known), { source, provenance }]);
  }

  *#places(): Generator<DraftPlace, void, undefined> {
    for (const [id, places] of this.#placesById) {
      for (const { source, provenance } of places) yield { id, source, ...provenance };
    }
  }

  *#secrets(): Generator<DraftSecret, void, undefined> {
    for (const { seed, secret } of this.#draftById.values()) if (secret !== null) yield { id: seed.id, secret };
  }

  #byMachine(): ReadonlyMap<string, readonly Draft[]> {
    const byMachine = new Map<string, Draft[]>();
    for (const draft of this.#draftById.values()) {
      const { machine } = draft.seed;
      if (machine === null) continue;
      const known = byMachine.get(machine);
      if (known === undefined) byMachine.set(machine, [draft]);
      else known.push(draft);
    }
    return byMachine;
  }

  #scored({ seed, sightings, secretFp, parserConfidence }: Draft, doubt: Doubt): Finding {
    const { profile, nowMs, isReusedSecret } = this.#options;
    const reused =
      secretFp !== null && (this.#userBySecret.get(secretFp) === '' || isReusedSecret?.(secretFp) === true);
    const ownLogins = seed.machine === null ? 1 : (this.#loginsByMachine.get(seed.machine)?.size ?? 1);
    const finding = {
      ...seed,
      ...summariseSightings(sightings),
      sightings,
      secret: { ...seed.secret, reused },
      tags: [...seed.tags, ...sourceTags(sightings, doubt)],
    };
    const asset = profile.asset ?? 'unknown';
    const { recycled: recycledSources } = doubt;
    return scoreFinding(finding, { nowMs, asset, ownLogins, parserConfidence, recycledSources });
  }
}

/** Ids of doubtful sources, as this organisation's sightings have them. */
interface Doubt {
  readonly selfDomainOnly: ReadonlySet<string>;
  readonly recycled: ReadonlySet<string>;
}

/** What is true of a finding because it is true of every source that it was seen in. */
function sourceTags(sightings: readonly Sighting[], { selfDomainOnly, recycled }: Doubt): readonly Tag[] {
  const tags: Tag[] = [];
  if (sightings.every(({ sourceId }) => recycled.has(sourceId))) tags.push('recycled');
  if (sightings.every(({ sourceId }) => selfDomainOnly.has(sourceId))) tags.push('self_domain_only');
  return tags;
}

/** Nothing but a word or the form of a login says that it concerns the organisation. */
function isWeak({ via }: RecordMatch): boolean {
  return via === 'keyword' || via === 'pattern';
}

/** Registrable domain of the service, else of the mail domain, else ''. */
function registrableOf(identity: Identity, service: Service): string {
  if (service.registrable !== '' || identity.domain === '') return service.registrable;
  return registrableDomain(identity.domain as DomainName) ?? '';
}

/** Hashes are a breach of hashes wherever they were found, but for material that is worse. */
function hashClass(sourceClass: SourceClass): SourceClass {
  return classRank(sourceClass) < classRank('breach_plain') ? sourceClass : 'breach_hash';
}

/** The same id again within the load: the worse row leads, nothing is lost. */
function mergeDrafts(a: Draft, b: Draft): Draft {
  const byClass = classRank(a.seed.sourceClass) - classRank(b.seed.sourceClass);
  const [lead, other] =
    byClass < 0 || (byClass === 0 && (a.seed.machine ?? '') >= (b.seed.machine ?? '')) ? [a, b] : [b, a];
  return {
    seed: {
      ...lead.seed,
      application: lead.seed.application ?? other.seed.application,
      cookieState: worseCookie(a.seed.cookieState, b.seed.cookieState),
      tags: mergeTags(lead.seed.tags, other.seed.tags),
    },
    sightings: mergeSightings(a.sightings, b.sightings),
    secret: lead.secret ?? other.secret,
    secretFp: lead.secretFp,
    parserConfidence: Math.max(a.parserConfidence, b.parserConfidence),
  };
}

/** A total order, so that which place is kept does not depend on the order of reading. */
function isBefore(a: Provenance, b: Provenance): boolean {
  return a.entry !== b.entry ? a.entry < b.entry : a.offset < b.offset;
}
