/**
 * Build of the web app: a static single-page shell with a strict content security policy.
 * The policy is written into the built page; the server reads it from there, so that there is one policy only.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

const HERE = import.meta.dirname;

/** What the app is made of, as 16 hex digits: the same sources give the same build, and another build another name. */
function sourceHash(paths: readonly string[]): string {
  const hash = createHash('sha256');
  const visit = (path: string): void => {
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else if (!path.endsWith('.test.ts')) hash.update(basename(path)).update('\0').update(readFileSync(path));
  };
  paths.forEach(visit);
  return hash.digest('hex').slice(0, 16);
}

/** The two style attributes that parts of ours write as markup: Kit's route announcer and the item of bits-ui's Command. */
const STYLE_ATTRIBUTES = [
  'position: absolute; left: 0; top: 0; clip: rect(0 0 0 0); clip-path: inset(50%); overflow: hidden; white-space: nowrap; width: 1px; height: 1px',
  'display: contents;',
].map((text) => `sha256-${createHash('sha256').update(text).digest('base64')}` as const);

export default defineConfig({
  plugins: [
    sveltekit({
      adapter: adapter({ pages: 'build', fallback: 'index.html', precompress: true }),
      compilerOptions: { runes: true },
      version: {
        name: sourceHash(
          ['src', 'static', 'vite.config.ts', '../shared/src', '../pnpm-lock.yaml'].map((path) => join(HERE, path)),
        ),
        pollInterval: 15 * 60_000,
      },
      csp: {
        mode: 'hash',
        directives: {
          'default-src': ['none'],
          'object-src': ['none'],
          'script-src': ['self'],
          'style-src': ['self'],
          'style-src-attr': ['unsafe-hashes', ...STYLE_ATTRIBUTES],
          'img-src': ['self', 'blob:', 'data:'],
          'font-src': ['self'],
          'connect-src': ['self'],
          'worker-src': ['self'],
          'manifest-src': ['self'],
          'base-uri': ['none'],
          'form-action': ['none'],
          'require-trusted-types-for': ['script'],
          'trusted-types': ['svelte-trusted-html', 'sveltekit-trusted-url', 'sealpost'],
        },
      },
    }),
  ],
  worker: { format: 'es' },
  build: { target: 'es2023', assetsInlineLimit: 0 },
  server: { port: 5173, proxy: { '/api': 'http://127.0.0.1:8787' } },
});
