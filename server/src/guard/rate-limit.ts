/** Token buckets in memory: by key for signed requests, by address for all others. A restart forgives; nothing else depends on them. */

/** `burst` at once, refilled evenly at `perHour`. */
export interface Rate {
  readonly burst: number;
  readonly perHour: number;
}

/** Defaults; a test passes smaller ones. */
export interface Rates {
  /** Signed requests by one key. A CERT that publishes to 300 organisations in one go sends about 1,500. */
  readonly byKey: Rate;
  /** Unsigned requests, and signatures that fail, from one address. */
  readonly byAddress: Rate;
  /** Access requests without an invitation from one address (FORMATS: 3 an hour). */
  readonly requestsByAddress: Rate;
  /** Access requests without an invitation in an hour, in all (FORMATS: 20), counted in the database. */
  readonly requestsPerHour: number;
}

export const DEFAULT_RATES: Rates = {
  byKey: { burst: 3000, perHour: 72_000 },
  byAddress: { burst: 300, perHour: 18_000 },
  requestsByAddress: { burst: 3, perHour: 3 },
  requestsPerHour: 20,
};

const MAX_BUCKETS = 20_000;

export interface RateLimit {
  /** Takes one; answers 0, or the seconds to wait. */
  take(key: string): number;
}

/** A limit of its own, with its own buckets. `now` in milliseconds. */
export function createRateLimit(rate: Rate, now: () => number): RateLimit {
  const perMs = rate.perHour / 3_600_000;
  const buckets = new Map<string, { left: number; atMs: number }>();
  return {
    take(key) {
      const nowMs = now();
      const known = buckets.get(key);
      const left =
        known === undefined ? rate.burst : Math.min(rate.burst, known.left + Math.max(0, nowMs - known.atMs) * perMs);
      buckets.delete(key); // the map keeps the order of last use
      if (buckets.size >= MAX_BUCKETS) buckets.delete(buckets.keys().next().value as string);
      buckets.set(key, { left: left >= 1 ? left - 1 : left, atMs: nowMs });
      return left >= 1 ? 0 : Math.ceil((1 - left) / perMs / 1000);
    },
  };
}
