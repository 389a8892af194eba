/** Has the domains of a text leaf counted while its own route reads it. */
import type { DomainCensus } from '../scan/domain-census.ts';
import type { ContainerForm } from './archive/container.ts';
import type { LeafRoute } from './line-route.ts';
import type { LoadedRecord } from './record.ts';
import type { Sniff } from './sniff.ts';

/**
 * `picked` with every chunk shown to `census` first. A host that a chunk's border cuts is missed or counted short: one in thousands.
 * UTF-16 is left out, as are archives, whose entries come by themselves.
 */
export function countDomains<T extends LeafRoute | ContainerForm>(
  picked: T,
  sniff: Sniff,
  census: DomainCensus,
): T | LeafRoute {
  const isWide = sniff.kind === 'text' && sniff.encoding.startsWith('utf-16');
  return typeof picked === 'string' || sniff.kind !== 'text' || isWide ? picked : new CensusRoute(picked, census);
}

class CensusRoute implements LeafRoute {
  readonly resumeAt?: (offset: number) => void;
  readonly #route: LeafRoute;
  readonly #census: DomainCensus;

  constructor(route: LeafRoute, census: DomainCensus) {
    this.#route = route;
    this.#census = census;
    if (route.resumeAt !== undefined) this.resumeAt = route.resumeAt.bind(route);
  }

  get dialect(): string | null {
    return this.#route.dialect;
  }

  get dialectConfidence(): number {
    return this.#route.dialectConfidence;
  }

  push(chunk: Uint8Array): void {
    this.#census.observe(chunk, 0, chunk.length);
    this.#route.push(chunk);
  }

  end(): void {
    this.#route.end();
  }

  take(): LoadedRecord[] {
    return this.#route.take();
  }

  async ready(): Promise<void> {
    await this.#route.ready?.();
  }
}
