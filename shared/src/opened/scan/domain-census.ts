/**
 * Counts which registrable domains stand in material, watched or not, so that one seen often can be made a watch term. It looks at raw
 * bytes that nobody parses, hence only counts come out: no line, no login, no host of anybody. Past a first part it looks at
 * every 64th block, so that it costs a load little; its counts are then estimates.
 */
import { parse } from 'tldts';
import type { DomainName } from '../../base/domain-name.ts';
import { isPublicSuffix, parseDomainName, registrableDomain } from '../../base/domain-name.ts';

/** Looked at whole; after it blocks are picked. */
const WHOLE_BYTES = 8 * 2 ** 20;
const BLOCK_BYTES = 64 * 2 ** 10;
const ONE_IN = 64;
/** Distinct hosts that are held; the rare ones among them make room. */
const MOST_HOSTS = 100_000;
const LONGEST_HOST = 253;

/** Host bytes are ASCII, which this reads fastest. */
const LATIN = new TextDecoder('latin1');

const DOT = 0x2e;
const AT = 0x40;
const SLASH = 0x2f;
const NEWLINE = 0x0a;
/** Bytes of an ASCII host name: letters, digits, `.`, `-`, `_`. */
const HOST = new Uint8Array(256);
for (let byte = 0; byte < 128; byte++) HOST[byte] = /[A-Za-z0-9._-]/.test(String.fromCharCode(byte)) ? 1 : 0;

export interface DomainCount {
  readonly domain: string;
  /** Lines or addresses that name it, or an estimate of that. */
  readonly seen: number;
}

export interface DomainCounts {
  /** Most first. */
  readonly domains: readonly DomainCount[];
  /** `true`: counted in part of the material and scaled up. */
  readonly isEstimate: boolean;
}

/** One a load. Memory: about 100 bytes a distinct host, at most 10 MB. */
export class DomainCensus {
  readonly #hosts = new Map<string, number>();
  #bytes = 0;
  #block = 0;
  #isEstimate = false;

  /** Looks at a range of whole lines. Hosts count after `@` and `//`, and at the
   * start of a line where their top level is a known one: lists often leave the scheme out. */
  observe(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at += BLOCK_BYTES) {
      const to = Math.min(end, at + BLOCK_BYTES);
      const isPicked = this.#bytes < WHOLE_BYTES || this.#block++ % ONE_IN === 0;
      const weight = this.#bytes < WHOLE_BYTES ? 1 : ONE_IN;
      this.#bytes += to - at;
      if (weight > 1) this.#isEstimate = true;
      if (isPicked) this.#count(bytes, at, to, end, weight);
    }
  }

  /** Registrable domains with at least `least`, at most `most` of them. */
  counts(least: number, most: number): DomainCounts {
    const byDomain = new Map<string, number>();
    for (const [host, seen] of this.#hosts) {
      const domain = domainOf(host);
      if (domain !== null) byDomain.set(domain, (byDomain.get(domain) ?? 0) + seen);
    }
    const domains = [...byDomain]
      .filter(([, seen]) => seen >= least)
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .slice(0, most)
      .map(([domain, seen]) => ({ domain, seen }));
    return { domains, isEstimate: this.#isEstimate };
  }

  /** From each dot to the ends of its run; a run that began before `at` was counted there. `end` bounds what may be read. */
  #count(bytes: Uint8Array, at: number, to: number, end: number, weight: number): void {
    for (let i = at; i < to; i++) {
      if (bytes[i] !== DOT) continue;
      let first = i;
      while (first > at && HOST[bytes[first - 1] as number] === 1) first--;
      let last = i + 1;
      while (last < end && HOST[bytes[last] as number] === 1) last++;
      i = last;
      while (last > first && bytes[last - 1] === DOT) last--;
      if (last - first > LONGEST_HOST) continue;
      const before = first === 0 ? NEWLINE : bytes[first - 1];
      if (before === AT || (before === SLASH && bytes[first - 2] === SLASH)) {
        this.#add(asciiLower(bytes, first, last), weight);
      } else if (before === NEWLINE) {
        const host = asciiLower(bytes, first, last);
        if (hasKnownTopLevel(host)) this.#add(host, weight);
      }
    }
  }

  #add(host: string, weight: number): void {
    const known = this.#hosts.get(host);
    if (known === undefined && this.#hosts.size >= MOST_HOSTS) this.#makeRoom();
    this.#hosts.set(host, (known ?? 0) + weight);
  }

  /** Drops the rarest half (at least those seen once): what is seen often stays. Linear, once in 50,000 new hosts at the most. */
  #makeRoom(): void {
    const sorted = [...this.#hosts.values()].sort((a, b) => a - b);
    const least = sorted[sorted.length >> 1] ?? 1;
    for (const [host, seen] of this.#hosts) if (seen <= least) this.#hosts.delete(host);
  }
}

/** `null` for what is no domain that one organisation could own. */
function domainOf(host: string): DomainName | null {
  const name = parseDomainName(host);
  const domain = name === null ? null : registrableDomain(name);
  return domain === null || isPublicSuffix(domain) ? null : domain;
}

function hasKnownTopLevel(host: string): boolean {
  return parse(host, { validateHostname: false, extractHostname: false }).isIcann === true;
}

function asciiLower(bytes: Uint8Array, first: number, last: number): string {
  return LATIN.decode(bytes.subarray(first, last)).toLowerCase();
}
