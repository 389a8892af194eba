/**
 * The built web app, held in memory: one build is served whole, also while another is being written to the folder.
 * Paths are looked up in a map, so no request ever becomes a file path.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { sha256 } from '@sealpost/shared/sealed/crypto/hash';
import { parseRelease, RELEASE_PATH } from '@sealpost/shared/sealed/release/manifest';
import { pagePolicy, workerPolicy } from '@sealpost/shared/sealed/wire/web-policy';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.minisig': 'text/plain; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

const UNUSABLE = 'The app is not built yet: run `npm start`, or set WEB_ROOT.\n';

interface WebFile {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly brotli: Uint8Array<ArrayBuffer> | null;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface WebApp {
  /** The list of a release that lies among the files, by its SHA-256 (base64url); whether it is signed, clients check. */
  readonly release: { readonly sha256: string; readonly files: number } | null;
  /** Answers a GET or HEAD of `path` (decoded, beginning with a slash). */
  respond(request: Request, path: string): Response;
}

/** Reads the build under `root`; a missing folder gives an app that says so. */
export function loadWebApp(root: string, connectOrigins: readonly string[]): WebApp {
  const files = readFiles(root);
  const shell = files.get('/index.html') ?? files.get('/200.html');
  const shellPolicy = shell === undefined ? pagePolicy('') : pagePolicy(new TextDecoder().decode(shell.plain));
  const served = new Map<string, WebFile>();
  for (const [path, { plain, brotli }] of files) {
    const isPage = path.endsWith('.html');
    const policy = isPage
      ? pagePolicy(new TextDecoder().decode(plain))
      : (workerPolicy(path, connectOrigins) ?? shellPolicy);
    served.set(path, {
      plain,
      brotli,
      etag: `"${createHash('sha256').update(plain).digest('base64url')}"`,
      headers: {
        'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
        'Content-Security-Policy': policy,
        'Cache-Control': path.startsWith('/_app/immutable/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        Vary: 'Accept-Encoding',
      },
    });
  }
  const fallback = served.get('/index.html') ?? served.get('/200.html') ?? null;

  const list = files.get(RELEASE_PATH)?.plain ?? null;
  const release = list === null ? null : parseRelease(list);

  return {
    release:
      list !== null && release?.ok ? { sha256: toBase64url(sha256(list)), files: release.value.files.length } : null,
    respond(request, path) {
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return plainText(405, 'Method not allowed.\n', { Allow: 'GET, HEAD' });
      const named =
        served.get(path) ?? served.get(`${path}.html`) ?? served.get(`${path.replace(/\/$/, '')}/index.html`);
      if (named !== undefined) return fileResponse(request, named);
      // a name that begins with a dot is looked for by those who hope for a repository or settings
      if (extname(path) !== '' || path.includes('/.') || path.startsWith('/api') || path.startsWith('/_app/'))
        return plainText(404, 'Not found.\n');
      return fallback === null ? plainText(503, UNUSABLE) : fileResponse(request, fallback);
    },
  };
}

function fileResponse(request: Request, file: WebFile): Response {
  const headers: Record<string, string> = { ...file.headers, ETag: file.etag };
  if (request.headers.get('If-None-Match') === file.etag) return new Response(null, { status: 304, headers });
  const acceptsBrotli = /(^|[\s,])br(\s*[,]|\s*$|\s*;(?!\s*q=0(\.0*)?\s*(,|$)))/.test(
    request.headers.get('Accept-Encoding') ?? '',
  );
  const bytes = acceptsBrotli && file.brotli !== null ? file.brotli : file.plain;
  if (bytes === file.brotli) headers['Content-Encoding'] = 'br';
  headers['Content-Length'] = String(bytes.length);
  return new Response(request.method === 'HEAD' ? null : bytes, { headers });
}

function plainText(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(text, { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers } });
}

type Raw = Pick<WebFile, 'plain' | 'brotli'>;

/** Files by path; `x.br` beside `x` is its compressed form, other compressed forms are left out. */
function readFiles(root: string): ReadonlyMap<string, Raw> {
  const names: string[] = [];
  const walk = (folder: string, prefix: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) walk(join(folder, entry.name), `${prefix}${entry.name}/`);
      else if (entry.isFile()) names.push(prefix + entry.name);
    }
  };
  try {
    walk(root, '/');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map();
    throw error;
  }
  const present = new Set(names);
  const files = new Map<string, Raw>();
  for (const name of names) {
    if (/\.(br|gz)$/.test(name) && present.has(name.slice(0, -3))) continue;
    const brotli = present.has(`${name}.br`) ? new Uint8Array(readFileSync(join(root, `${name}.br`))) : null;
    files.set(name, { plain: new Uint8Array(readFileSync(join(root, name))), brotli });
  }
  return files;
}
