/** Figures for Prometheus: how many requests, how long they took, what the process uses. Labels are route patterns and status codes, never an id. */
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { API_PREFIX, ROUTES } from '@sealpost/shared/sealed/wire/paths';

/** Seconds: from an answer out of memory to a part of 8 MiB over a slow line. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];
const KNOWN = new Set<string>(Object.values(ROUTES).map((route) => API_PREFIX + route));

export interface Metrics {
  /** Counts each request once its answer begins. */
  readonly middleware: MiddlewareHandler;
  /** What Prometheus reads (text format 0.0.4). */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Metrics of one server. `freeBytes`: what uploads may still fill; asked only when Prometheus asks. */
export function createMetrics(freeBytes: () => Promise<number>): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'sealpost_requests_total',
    help: 'Requests by route pattern, method and status',
    labelNames: ['route', 'method', 'status'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'sealpost_request_seconds',
    help: 'Seconds until the answer began, by route pattern',
    labelNames: ['route'],
    buckets: BUCKETS,
    registers: [registry],
  });
  new Gauge({
    name: 'sealpost_free_bytes',
    help: 'Bytes that sealed files may still fill',
    registers: [registry],
    async collect() {
      this.set(await freeBytes());
    },
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    middleware: async (c, next) => {
      const startedMs = performance.now();
      await next();
      const route = matchedRoutes(c).find(({ path }) => KNOWN.has(path))?.path ?? 'other';
      requests.inc({ route, method: methodOf(c.req.method), status: String(c.res.status) });
      seconds.observe({ route }, (performance.now() - startedMs) / 1000);
    },
  };
}

/** A closed list: whoever sends made-up methods makes no new figures. */
function methodOf(method: string): string {
  return ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS'].includes(method) ? method : 'other';
}
