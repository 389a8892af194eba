/**
 * Keeps the app itself on the device, so that it opens without a network. Never anything of /api:
 * what the server delivers is ciphertext that the vault stores, and nothing else is worth keeping.
 */
import { version } from '$app/env';
import { assets, immutable } from '$app/manifest';
import { resolve } from '$app/paths';
import { self } from '$app/service-worker';

const CACHE = `sealpost-app-${version}`;
const SHELL = resolve('/');
const FILES = new Set([...immutable, ...assets].map((file) => new URL(file.path, location.href).pathname));

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([SHELL, ...FILES])));
});

/** A new version waits until the user reloads; older files stay while a page may still need them. */
self.addEventListener('activate', (event) => {
  const clean = async () => {
    for (const key of await caches.keys())
      if (key.startsWith('sealpost-app-') && key !== CACHE) await caches.delete(key);
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin || url.pathname.startsWith('/api/')) return;
  if (request.mode === 'navigate') event.respondWith(shell(request));
  else if (FILES.has(url.pathname)) event.respondWith(stored(request));
});

async function stored(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreVary: true })) ?? fetch(request);
}

/** The page of this version, so that shell and scripts always fit together; the network only if it is not kept yet. */
async function shell(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(SHELL, { ignoreVary: true })) ?? fetch(request);
}
