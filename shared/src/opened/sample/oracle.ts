/**
 * What a sample must give: records and distinct finding ids per listed domain. Which domains a record concerns is known by
 * construction; what makes two records one finding is asked of the same normal forms that findings are made with.
 */
import { normaliseIdentity } from '../finding/identity.ts';
import { parseService } from '../finding/service.ts';
import type { MadeCredential } from './credentials.ts';

export interface DomainCount {
  /** Records that concern the domain. */
  readonly records: number;
  /** Distinct finding ids, those that would be withheld for want of context included. */
  readonly findings: number;
}

export interface SampleOracle {
  readonly records: number;
  readonly bytes: number;
  readonly byDomain: Readonly<Record<string, DomainCount>>;
}

export class OracleBuilder {
  readonly #domains: readonly string[];
  readonly #records: number[];
  readonly #findings: readonly Set<string>[];
  #total = 0;

  constructor(domains: readonly string[]) {
    this.#domains = domains;
    this.#records = domains.map(() => 0);
    this.#findings = domains.map(() => new Set<string>());
  }

  add(credential: MadeCredential): void {
    this.#total++;
    if (credential.concerns.length === 0) return;
    const key = findingKey(credential);
    for (const index of credential.concerns) {
      this.#records[index] = (this.#records[index] ?? 0) + 1;
      this.#findings[index]?.add(key);
    }
  }

  finish(bytes: number): SampleOracle {
    const byDomain: Record<string, DomainCount> = {};
    this.#domains.forEach((domain, i) => {
      byDomain[domain] = { records: this.#records[i] ?? 0, findings: this.#findings[i]?.size ?? 0 };
    });
    return { records: this.#total, bytes, byDomain };
  }
}

/** FORMATS, Fingerprints and ids: kind, identity, registrable, host, secret. */
function findingKey({ url, login, password }: MadeCredential): string {
  const identity = normaliseIdentity(login);
  const service = parseService(url);
  const registrable = service.registrable !== '' ? service.registrable : service.host === '' ? identity.domain : '';
  return [identity.kind, identity.canonical, registrable, service.appId ?? service.host, password].join('\n');
}
