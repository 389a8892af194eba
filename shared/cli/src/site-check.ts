/**
 * Compares what a server serves with a release: every file, as it goes out plain and compressed, its policy headers, the paths that
 * lead to the page, and what lies at names that a release does not have. Sees what this caller is served: a server may serve others
 * something else.
 */
import { INERT_POLICY, pagePolicy, workerPolicy } from '@sealpost/shared/sealed/wire/web-policy';
import { parseAppConfig } from '@sealpost/shared/sealed/wire/app-config';
import { APP_CONFIG_PATH } from '@sealpost/shared/sealed/wire/paths';
import type { Release, ReleaseFile } from '@sealpost/shared/sealed/release/manifest';
import { toHex } from '@sealpost/shared/base/bytes';
import { sha256 } from '@sealpost/shared/sealed/crypto/hash';
import type { Fetched, FetchPath } from './site-fetch.ts';

/** One way in which the server is not the release. `path` as in its address. */
export interface Difference {
  readonly path: string;
  readonly kind: 'altered' | 'missing' | 'extra' | 'header' | 'redirect' | 'unreachable';
  readonly detail: string;
}

export interface SiteReport {
  readonly differences: readonly Difference[];
  /** Files compared, each twice. */
  readonly files: number;
  /** Origin that the app is told to call; null for its own. */
  readonly api: string | null;
}

const SHELL = '/index.html';
/** Paths of the app: all of them are answered with the page. */
const ROUTES = ['/', '/unlock', '/setup', '/join', '/findings', '/operator/publish', '/no/such/page'];
/** Names at which pages, scripts and settings often lie; none is part of a release. */
const USUAL_NAMES = [
  ...[
    '/200.html',
    '/404.html',
    '/admin.html',
    '/home.html',
    '/app.js',
    '/main.js',
    '/index.js',
    '/sw.js',
    '/worker.js',
  ],
  ...[
    '/serviceworker.js',
    '/service-worker.mjs',
    '/registerSW.js',
    '/.env',
    '/.git/config',
    '/robots.txt',
    '/favicon.ico',
  ],
];
/** Headers with which a host changes what a file does. */
const ACTING_HEADERS = ['service-worker-allowed', 'refresh', 'link', 'set-cookie', 'sourcemap', 'content-disposition'];
const CODINGS = ['identity', 'br, gzip'] as const;

/** Asks for everything, four files at a time. `onProgress` gets files done and files in all. */
export async function checkSite(
  release: Release,
  fetchPath: FetchPath,
  onProgress: (done: number, total: number) => void,
): Promise<SiteReport> {
  const differences: Difference[] = [];
  const told = await fetchPath(APP_CONFIG_PATH, 'identity');
  const config = told.kind === 'answer' && told.status === 200 ? parseAppConfig(textOf(told)) : null;
  const connect = config?.api ? [config.api] : [];

  const known = new Map(release.files.map((file) => [file.path, file]));
  const named = new Set<string>();
  let done = 0;
  const queue = [...release.files];
  const work = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      differences.push(...(await checkFile(file, fetchPath, connect, named)));
      onProgress(++done, release.files.length);
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));

  const shell = known.get(SHELL);
  for (const route of shell === undefined ? [] : ROUTES) {
    differences.push(...(await checkFile({ ...(shell as ReleaseFile), path: route }, fetchPath, connect, named)));
  }
  for (const path of [...USUAL_NAMES, ...named]) {
    if (known.has(path) || ROUTES.includes(path)) continue;
    const got = await fetchPath(path, 'identity');
    if (got.kind !== 'answer' || got.status !== 200 || (shell !== undefined && hashOf(got) === shell.sha256)) continue;
    differences.push({ path, kind: 'extra', detail: `${got.bytes.length} bytes, SHA-256 ${hashOf(got)}` });
  }
  differences.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { differences: unique(differences), files: release.files.length, api: config?.api ?? null };
}

async function checkFile(
  file: ReleaseFile,
  fetchPath: FetchPath,
  connect: readonly string[],
  named: Set<string>,
): Promise<Difference[]> {
  const { path } = file;
  const found: Difference[] = [];
  for (const coding of CODINGS) {
    const got = await fetchPath(path, coding);
    if (got.kind === 'unreachable') return [{ path, kind: 'unreachable', detail: got.reason }];
    if (got.status >= 300 && got.status < 400) {
      found.push({ path, kind: 'redirect', detail: `to ${got.headers.get('location') ?? 'nowhere'}` });
    } else if (got.status !== 200) {
      found.push({ path, kind: 'missing', detail: `status ${got.status}` });
    } else if (got.bytes.length !== file.size || hashOf(got) !== file.sha256) {
      const form = coding === 'identity' ? '' : ', as compressed';
      const detail = `${got.bytes.length} bytes, SHA-256 ${hashOf(got)}; the release has ${file.size}, ${file.sha256}${form}`;
      found.push({ path, kind: 'altered', detail });
      for (const name of namesIn(textOf(got))) named.add(name);
    } else if (coding === 'identity') {
      found.push(...headerDifferences(path, got, connect));
    }
  }
  // plain and compressed differ in the same way: once is enough
  const [first, second] = found;
  return first !== undefined && second?.kind === first.kind && !/compressed/.test(first.detail) ? [first] : found;
}

/** What a file's headers let it do that the release does not, or fail to keep from it. */
function headerDifferences(path: string, got: Fetched, connect: readonly string[]): Difference[] {
  const found: Difference[] = [];
  const isPage = (got.headers.get('content-type') ?? '').startsWith('text/html');
  const wanted = workerPolicy(path, connect) ?? (isPage ? pagePolicy(textOf(got)) : null);
  const policy = got.headers.get('content-security-policy') ?? '';
  if (wanted !== null && wanted !== INERT_POLICY && !isSamePolicy(policy, wanted)) {
    const detail = policy === '' ? 'is missing' : `is "${policy}"`;
    found.push({ path, kind: 'header', detail: `Content-Security-Policy ${detail}; the release needs "${wanted}"` });
  }
  if (got.headers.get('x-content-type-options') !== 'nosniff')
    found.push({ path, kind: 'header', detail: 'X-Content-Type-Options is not nosniff' });
  for (const name of ACTING_HEADERS) {
    const value = got.headers.get(name);
    if (value !== null) found.push({ path, kind: 'header', detail: `${name} is "${value}"; the release has none` });
  }
  return found;
}

/** True if both allow the same: directives and sources in any order. Several policies in one header are not the same as one. */
function isSamePolicy(a: string, b: string): boolean {
  const normal = (policy: string): string =>
    policy
      .split(';')
      .map((directive) => {
        const [name = '', ...sources] = directive.trim().split(/\s+/);
        return [name.toLowerCase(), ...sources.sort()].join(' ');
      })
      .filter((directive) => directive !== '')
      .sort()
      .join(';');
  return normal(a) === normal(b);
}

/** Paths that an altered file names. */
function namesIn(text: string): readonly string[] {
  const matches = text.matchAll(
    /["'`(=](?:\.\/|\/)?((?:[\w.@~-]{1,80}\/){0,8}[\w.@~-]{1,80}\.(?:m?js|css|wasm|html))["'`)\s>]/g,
  );
  return [...new Set([...matches].map(([, name]) => `/${name ?? ''}`))].slice(0, 200);
}

function unique(differences: readonly Difference[]): readonly Difference[] {
  return [...new Map(differences.map((one) => [`${one.path} ${one.kind} ${one.detail}`, one])).values()];
}

const hashOf = ({ bytes }: Fetched): string => toHex(sha256(bytes));
const textOf = ({ bytes }: Fetched): string => new TextDecoder().decode(bytes);
