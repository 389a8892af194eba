/** Rim of the unpack worker. See unpack.api.ts. */
import { expose, transfer } from 'comlink';
import { serveUnpacking } from '@sealpost/shared/opened/bundle/serve-unpacking';
import type { UnpackApi, UnpackStart } from './unpack.api.ts';

const api: UnpackApi = {
  echo: async (buffer) => transfer(buffer, [buffer]),
  serve: (port) => Promise.resolve(serveUnpacking(port)),
};

self.addEventListener('message', ({ data }: MessageEvent<UnpackStart>) => expose(api, data.port));
