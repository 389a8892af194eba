/** Made-up findings one by one, in blocks that can be made on their own: which numbers a bundle holds does not change what they are. */
import type { Ms } from '@sealpost/shared/base/brand';
import type { CookieState, Exposure } from '@sealpost/shared/opened/finding/finding';
import { PATH_CLASSES } from '@sealpost/shared/opened/finding/finding';
import { hashSpeed } from '@sealpost/shared/opened/finding/hash-type';
import type { Tag } from '@sealpost/shared/opened/finding/tags';
import type { Prior, ServiceKind } from '@sealpost/shared/opened/risk/model-v1';
import type { RiskInput } from '@sealpost/shared/opened/risk/score';
import type { Random } from '@sealpost/shared/opened/sample/random';
import type { Account } from './accounts.ts';
import { accountOf } from './accounts.ts';
import type { Machine } from './machines.ts';
import { machineOf } from './machines.ts';
import { APPS } from './names.ts';
import type { SecretTraces } from './secrets.ts';
import { drawSecret } from './secrets.ts';
import { streamOf } from './seeds.ts';
import type { Host, Source, World } from './world.ts';
import { NEWEST_LOAD_MS } from './world.ts';

/** Findings `from` to `to` (exclusive) of the world, by number. `again`: as a later load sees them, from another source. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
  readonly again?: boolean;
}

export interface MadeSighting {
  readonly source: Source;
  readonly capturedAtMs: Ms | null;
}

export interface MadeRow {
  readonly number: number;
  readonly account: Account;
  /** `null`: a pair, or an app. */
  readonly host: Host | null;
  readonly registrable: string;
  /** Index into PATH_CLASSES. */
  readonly pathClass: number;
  readonly application: string | null;
  readonly exposure: Exposure;
  readonly isContextless: boolean;
  readonly source: Source;
  readonly machine: Machine | null;
  readonly capturedAtMs: Ms | null;
  readonly publishedAtMs: Ms | null;
  readonly firstSeenAtMs: Ms;
  readonly lastSeenAtMs: Ms;
  readonly sightings: readonly MadeSighting[];
  readonly secret: SecretTraces;
  readonly cookieState: CookieState;
  readonly tags: readonly Tag[];
  readonly risk: RiskInput;
}

/** Rows of one block are drawn in order; a block knows nothing of the others. */
const BLOCK_ROWS = 4096;
/** With the draws below, this many accounts make 0.6 distinct ones a finding. */
const ACCOUNTS_PER_ROW = 0.95;
/** One in this many accounts leaks again and again. */
const FREQUENT = 256;
const LOGIN = PATH_CLASSES.indexOf('login');
const ADMIN = PATH_CLASSES.indexOf('admin');

export class RowMaker {
  readonly #seed: number;
  readonly #world: World;
  readonly #worldRows: number;

  constructor(seed: number, world: World, worldRows: number) {
    this.#seed = seed;
    this.#world = world;
    this.#worldRows = worldRows;
  }

  *rows({ from, to, again }: RowRange): Generator<MadeRow, void, undefined> {
    for (let block = Math.floor(from / BLOCK_ROWS); block * BLOCK_ROWS < to; block++) {
      let number = block * BLOCK_ROWS;
      for (const row of this.#block(block)) {
        if (number >= to) return;
        if (number >= from) yield again === true ? this.#seenAgain(row) : row;
        number++;
      }
    }
  }

  *#block(block: number): Generator<MadeRow, void, undefined> {
    const random = streamOf(this.#seed, 7, block);
    let source: Source | undefined;
    let sourceLeft = 0;
    let machine: Machine | null = null;
    let machineLeft = 0;
    let machines = block * BLOCK_ROWS;
    for (let number = block * BLOCK_ROWS; number < (block + 1) * BLOCK_ROWS; number++) {
      if (source === undefined || sourceLeft-- <= 0) {
        source = this.#world.sources[this.#world.drawSource(random)] as Source;
        sourceLeft = random.int(400);
        machineLeft = 0;
      }
      if (source.sourceClass !== 'stealer') machine = null;
      else if (machineLeft-- <= 0) {
        // One in ten machines is found in several loads: it is one of the first of some block up to here.
        const known = random.int(block + 1) * BLOCK_ROWS + random.int(20);
        machine = machineOf(this.#seed, random.chance(0.1) ? known : machines++, source.seenAtMs);
        machineLeft = random.int(50);
      }
      yield this.#row(number, random, source, machine);
    }
  }

  #row(number: number, random: Random, source: Source, machine: Machine | null): MadeRow {
    const account = this.#drawAccount(number, random, machine);
    const host = this.#drawHost(random, account, source);
    const isOwnHost = host !== null && host.isOwn;
    const isApp = host === null && machine !== null;
    const isContextless = host === null && !isApp;
    const isHash = source.sourceClass === 'breach_hash';
    const secret = drawSecret(this.#seed, random, isHash, number);
    const pathClass = host === null ? 0 : pathClassOf(random, host);
    const exposure = exposureOf(account, isOwnHost, host, pathClass);
    const cookieState: CookieState =
      machine === null || !random.chance(0.12) ? 'none' : random.chance(0.4) ? 'live' : 'expired';
    const tags = tagsOf(random, account, machine);
    const sightings = [{ source, capturedAtMs: machine?.capturedAtMs ?? source.capturedAtMs }, ...this.#others(random)];
    const known = sightings.map(({ capturedAtMs }) => capturedAtMs ?? Number.NEGATIVE_INFINITY);
    const capturedAtMs = Math.max(...known);
    const seen = sightings.map((one) => one.source.seenAtMs);
    const published = sightings.flatMap((one) => one.source.publishedAtMs ?? []);
    const facts = {
      capturedAtMs: Number.isFinite(capturedAtMs) ? capturedAtMs : null,
      publishedAtMs: published.length === 0 ? null : Math.min(...published),
      exposure,
      isContextless,
      secret,
      cookieState,
    };
    const ownDomain = account.ownDomain === null ? '' : (this.#world.domains[account.ownDomain] ?? '');
    return {
      ...facts,
      number,
      account,
      host,
      registrable: host?.registrable ?? ownDomain,
      pathClass,
      application: isApp ? random.pick(APPS) : (machine?.browser ?? null),
      source,
      machine,
      firstSeenAtMs: Math.min(...seen),
      lastSeenAtMs: Math.max(...seen),
      sightings,
      tags,
      risk: {
        prior: priorOf(source, isOwnHost, isContextless, secret),
        hashType: secret.hashType,
        capturedAtMs: facts.capturedAtMs,
        publishedAtMs: facts.publishedAtMs,
        nowMs: source.seenAtMs,
        independentSources: sightings.length,
        fitsPolicy: isHash ? null : secret.fitsPolicy,
        cookieState,
        ownHost: isOwnHost,
        contextless: isContextless,
        mfa: 'unknown',
        reLeakOfClosed: false,
        verdict: 'unknown',
        service: serviceOf(isContextless, isOwnHost, exposure, pathClass),
        identity: exposure === 'customer' ? 'customer' : exposure === 'unclassified' ? 'unknown' : account.role,
        asset: 'high',
        ownLogins: machine?.accounts ?? 1,
        corporateDevice: tags.includes('corporate_device'),
        parserConfidence: tags.includes('ambiguous') ? 0.4 : 1,
      },
    };
  }

  /** Half of the rows go through the accounts in order, most others take any, some one of the few that leak all the time. */
  #drawAccount(number: number, random: Random, machine: Machine | null): Account {
    const all = Math.max(FREQUENT * 4, Math.floor(this.#worldRows * ACCOUNTS_PER_ROW));
    const inOrder = Math.floor(number * ACCOUNTS_PER_ROW);
    // The logins of one machine are those of a few people.
    if (machine !== null && random.chance(0.45))
      return accountOf(this.#seed, (machine.number * 7 + random.int(machine.accounts)) % all, this.#world);
    const share = random.int(100);
    const account = share < 55 ? inOrder : share < 94 ? random.int(all) : random.int(Math.ceil(all / FREQUENT));
    return accountOf(this.#seed, account, this.#world);
  }

  #drawHost(random: Random, account: Account, source: Source): Host | null {
    if (source.sourceClass === 'combo' || source.sourceClass === 'address_only') return null;
    const share = random.int(100);
    if (account.ownDomain === null) return share < 2 ? null : this.#world.drawOwnHost(random, null);
    if (share < 4) return null;
    if (share < 55) return this.#world.drawOwnHost(random, random.chance(0.7) ? account.ownDomain : null);
    return this.#world.drawSiteHost(random);
  }

  /** One finding in eight stands in a second source, one in a hundred in a third. */
  #others(random: Random): MadeSighting[] {
    const count = random.chance(0.125) ? (random.chance(0.08) ? 2 : 1) : 0;
    return Array.from({ length: count }, () => {
      const source = this.#world.sources[this.#world.drawSource(random)] as Source;
      return { source, capturedAtMs: source.capturedAtMs };
    });
  }

  #seenAgain(row: MadeRow): MadeRow {
    const random = streamOf(this.#seed, 10, row.number);
    const source = this.#world.sources[this.#world.drawSource(random)] as Source;
    const later = { ...source, seenAtMs: NEWEST_LOAD_MS };
    return {
      ...row,
      firstSeenAtMs: NEWEST_LOAD_MS,
      lastSeenAtMs: NEWEST_LOAD_MS,
      sightings: [{ source: later, capturedAtMs: row.capturedAtMs }],
    };
  }
}

/** Most hosts say what they are by name; on the others, people log in. */
function pathClassOf(random: Random, { pathClass }: Host): number {
  if (pathClass !== 0) return pathClass;
  const share = random.int(100);
  return share < 50 ? LOGIN : share < 53 ? ADMIN : 0;
}

/** As finding/exposure.ts tells them apart. */
function exposureOf(account: Account, isOwnHost: boolean, host: Host | null, pathClass: number): Exposure {
  if (account.ownDomain !== null) return host === null || isOwnHost ? 'employee' : 'third_party';
  if (account.kind !== 'user' && account.kind !== 'appid') return 'customer';
  return PATH_CLASSES[pathClass] === 'other' || PATH_CLASSES[pathClass] === 'login' ? 'unclassified' : 'employee';
}

function serviceOf(isContextless: boolean, isOwnHost: boolean, exposure: Exposure, pathClass: number): ServiceKind {
  if (isContextless) return 'unknown';
  if (!isOwnHost) return 'other_site';
  if (exposure === 'customer') return 'customer_portal';
  switch (PATH_CLASSES[pathClass]) {
    case 'sso':
      return 'sso';
    case 'vpn':
      return 'remote';
    case 'admin':
      return 'admin';
    case 'mail':
      return 'mail';
    default:
      return exposure === 'employee' ? 'internal' : 'unknown';
  }
}

function priorOf({ sourceClass }: Source, isOwnHost: boolean, isContextless: boolean, secret: SecretTraces): Prior {
  switch (sourceClass) {
    case 'stealer':
      return isOwnHost ? 'stealer_own' : 'stealer_other';
    case 'phishing':
      return isOwnHost ? 'phishing_own' : 'phishing_other';
    case 'ulp':
    case 'combo':
      return isContextless ? 'no_context' : isOwnHost ? 'ulp_own' : 'ulp_other';
    case 'breach_hash': {
      const speed = hashSpeed(secret.hashType ?? '');
      return speed === 'slow' ? 'breach_slow' : `breach_${speed}`;
    }
    default:
      return sourceClass;
  }
}

/** In the order of their names, as the draft builder gives them. */
function tagsOf(random: Random, account: Account, machine: Machine | null): readonly Tag[] {
  const tags: Tag[] = [];
  if (random.chance(0.02)) tags.push('ambiguous');
  if (machine !== null && machine.name.startsWith('MOE-')) tags.push('corporate_device');
  if (account.isMixedCase) tags.push('mixed_case');
  if (account.kind === 'national_id') tags.push('national_id');
  if (random.chance(0.03)) tags.push('org_name');
  return tags;
}
