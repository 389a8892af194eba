/**
 * Content security policies of the web app, by file: the server sends them, and whoever checks a server compares with them. The page's
 * policy is not written here: it is read from the built page (its `<meta>`), so that there is one policy and its hashes always fit.
 */

/** What no answer allows: frames around it, another base of its links (ASVS 3.4.3, 3.4.6). */
const NEVER = "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** For answers that are no page and no script: nothing may load, nobody may frame, and opened by itself it is nothing. */
export const INERT_POLICY = `${NEVER}; form-action 'none'; sandbox`;

/**
 * What holds for every worker: our scripts, no network (ARCHITECTURE, Browser), and no worker of their own: without `worker-src`,
 * `script-src` would let them start the sync worker, which has one.
 */
const WORKER_POLICY = `${NEVER}; worker-src 'none'; require-trusted-types-for 'script'`;

const WORKERS = '/_app/immutable/workers/';

/**
 * The policy of a worker script by its path; `null` for other files. The sync worker alone gets a network: its own origin, and that of
 * an API elsewhere. Embedded WASM is for the vault and ingest workers, and not for those that only carry bytes to network or disk.
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
  return INERT_POLICY;
}

function unescapeAttribute(text: string): string {
  return text
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
