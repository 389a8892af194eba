/**
 * Security headers of every answer. The page's policy is not written here: it is read from the built page (its `<meta>`), so
 * that there is one policy and its hashes always fit.
 */
import { secureHeaders } from 'hono/secure-headers';
import type { MiddlewareHandler } from 'hono';

/** For answers that are no page and no script: nothing may load, nobody may frame. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/**
 * What holds for every worker: our scripts, no network (ARCHITECTURE, Browser), and no worker of their own: without `worker-src`,
 * `script-src` would let them start the sync worker, which has one.
 */
const WORKER_POLICY = "default-src 'none'; worker-src 'none'; require-trusted-types-for 'script'";

const WORKERS = '/_app/immutable/workers/';

/**
 * The policy of a worker script by its path; `null` for other files. The sync worker alone gets a network; embedded WASM is for the
 * vault and ingest workers, and not for those that only carry bytes to the network or the disk.
 */
export function workerPolicy(path: string, connectOrigins: readonly string[]): string | null {
  if (!path.startsWith(WORKERS)) return null;
  const [, name] = /^(sync|disk)[.-]/.exec(path.slice(WORKERS.length)) ?? [];
  if (name === 'sync')
    return `${WORKER_POLICY}; script-src 'self'; connect-src ${["'self'", ...connectOrigins].join(' ')}`;
  return `${WORKER_POLICY}; script-src 'self'${name === 'disk' ? '' : " 'wasm-unsafe-eval'"}`;
}

/** The policy in a built page's `<meta http-equiv="content-security-policy">`, with what a `<meta>` cannot say; strictest if there is none. */
export function pagePolicy(html: string): string {
  for (const [tag] of html.matchAll(/<meta\b[^>]*>/gi)) {
    if (!/http-equiv=["']?content-security-policy["'\s]/i.test(tag)) continue;
    const content = /\bcontent="([^"]*)"/i.exec(tag)?.[1];
    if (content === undefined) continue;
    const policy = unescapeAttribute(content).trim().replace(/;$/, '');
    if (/[\r\n]/.test(policy)) break;
    return `${policy}; frame-ancestors 'none'`;
  }
  return API_POLICY;
}

/** Headers of every answer; routes add their own Content-Security-Policy and Cache-Control over the defaults. */
export function securityHeaders(isHttps: boolean): MiddlewareHandler {
  const fixed = secureHeaders({
    crossOriginOpenerPolicy: 'same-origin',
    crossOriginEmbedderPolicy: 'require-corp',
    crossOriginResourcePolicy: 'same-origin',
    originAgentCluster: '?1',
    referrerPolicy: 'no-referrer',
    strictTransportSecurity: isHttps ? 'max-age=63072000; includeSubDomains' : false, // two years: HTTPS only where it is configured
    xContentTypeOptions: 'nosniff',
    xFrameOptions: 'DENY',
    xXssProtection: false,
    xDownloadOptions: false,
    permissionsPolicy: { camera: ['self'], microphone: [], geolocation: [], payment: [], usb: [] }, // camera: QR codes
  });
  return async (c, next) => {
    await fixed(c, next);
    if (!c.res.headers.has('Content-Security-Policy')) c.res.headers.set('Content-Security-Policy', API_POLICY);
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store');
  };
}

function unescapeAttribute(text: string): string {
  return text
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
