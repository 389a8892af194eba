/** Where the bench's findings come from: an organisation's domains and hosts, other sites, sources. The same seed, the same world. */
import type { Ms } from '@sealpost/shared/base/brand';
import type { PathClass, SourceClass } from '@sealpost/shared/opened/finding/finding';
import { PATH_CLASSES } from '@sealpost/shared/opened/finding/finding';
import { parseService } from '@sealpost/shared/opened/finding/service';
import type { Random } from '@sealpost/shared/opened/sample/random';
import { FAMILIES, OFFICES, SERVICES, SITE_LABELS, SITE_LABELS_THAI, SITES, SOURCE_WORDS } from './names.ts';
import { fillBytes, streamOf, Zipf } from './seeds.ts';

/** When the newest load was made. */
export const NEWEST_LOAD_MS: Ms = Date.UTC(2026, 8, 1, 6, 30);
const DAY_MS = 86_400_000;

export interface Host {
  readonly text: string;
  readonly registrable: string;
  /** Of the organisation, whose findings these are. */
  readonly isOwn: boolean;
  /** Index into PATH_CLASSES. */
  readonly pathClass: number;
}

export interface Source {
  readonly id: Uint8Array<ArrayBuffer>;
  readonly alias: string;
  readonly sourceClass: SourceClass;
  /** Of a stealer's logs; each machine has its own capture time. */
  readonly family: string | null;
  readonly capturedAtMs: Ms | null;
  readonly publishedAtMs: Ms | null;
  /** When it was loaded. */
  readonly seenAtMs: Ms;
}

const SOURCES = 600;
const SITE_HOSTS = 18_000;
/** Share of sources by class, in percent. */
const CLASS_SHARES: readonly (readonly [SourceClass, number])[] = [
  ['ulp', 38],
  ['stealer', 30],
  ['combo', 15],
  ['breach_hash', 6],
  ['breach_plain', 5],
  ['phishing', 3],
  ['paste', 2],
  ['address_only', 1],
];

export class World {
  /** `moe.example`, the largest first. */
  readonly domains: readonly string[] = OFFICES.flatMap((office) => [`${office}.example`, `${office}-th.example`]);
  readonly sources: readonly Source[];
  /** By domain, then by service. */
  readonly #ownHosts: readonly (readonly Host[])[];
  readonly #siteHosts: readonly Host[];
  readonly #byDomain: Zipf;
  readonly #byService = new Zipf(SERVICES.length, 1);
  readonly #bySite = new Zipf(SITE_HOSTS, 0.95);
  readonly #bySource = new Zipf(SOURCES, 0.9);

  constructor(seed: number) {
    this.#byDomain = new Zipf(this.domains.length, 1.1);
    this.#ownHosts = this.domains.map((domain) => SERVICES.map((service) => hostOf(`${service}.${domain}`, true)));
    const random = streamOf(seed, 1, 0);
    this.#siteHosts = Array.from({ length: SITE_HOSTS }, (_, at) => hostOf(siteHost(random, at), false));
    this.sources = Array.from({ length: SOURCES }, (_, at) => makeSource(streamOf(seed, 2, at), at));
  }

  drawDomain(random: Random): number {
    return this.#byDomain.draw(random);
  }

  /** A host of `domain` (a number of `domains`), or of any. */
  drawOwnHost(random: Random, domain: number | null): Host {
    return this.#ownHosts[domain ?? this.drawDomain(random)]?.[this.#byService.draw(random)] as Host;
  }

  drawSiteHost(random: Random): Host {
    return this.#siteHosts[this.#bySite.draw(random)] as Host;
  }

  /** A number of `sources`. */
  drawSource(random: Random): number {
    return this.#bySource.draw(random);
  }
}

function hostOf(name: string, isOwn: boolean): Host {
  const { host, registrable, pathClass } = parseService(`https://${name}/`);
  return { text: host, registrable, isOwn, pathClass: PATH_CLASSES.indexOf(pathClass satisfies PathClass) };
}

/** One in fifty has a Thai name; about every third site has several hosts. */
function siteHost(random: Random, at: number): string {
  const site =
    at % 50 === 49 ? `${random.pick(SITE_LABELS_THAI)}${at}` : `${random.pick(SITES)}${random.int(SITE_HOSTS >> 1)}`;
  return random.chance(0.3) ? `${site}.example` : `${random.pick(SITE_LABELS)}.${site}.example`;
}

function makeSource(random: Random, at: number): Source {
  const id = new Uint8Array(8);
  fillBytes(id, random);
  let share = random.int(100);
  const [sourceClass] = CLASS_SHARES.find(([, percent]) => (share -= percent) < 0) ?? ['ulp'];
  const seenAtMs = NEWEST_LOAD_MS - random.int(540) * DAY_MS - random.int(DAY_MS);
  const leakedAtMs = seenAtMs - (3 + random.int(1500)) * DAY_MS;
  const day = (ms: Ms): Ms => ms - (ms % DAY_MS);
  return {
    id,
    alias: `${sourceClass}-${random.pick(SOURCE_WORDS)}-${new Date(leakedAtMs).getUTCFullYear()}-${at}`,
    sourceClass,
    family: sourceClass === 'stealer' ? random.pick(FAMILIES) : null,
    capturedAtMs: sourceClass !== 'stealer' && random.chance(0.5) ? day(leakedAtMs) : null,
    publishedAtMs: random.chance(0.4) ? day(leakedAtMs + random.int(300) * DAY_MS) : null,
    seenAtMs,
  };
}
