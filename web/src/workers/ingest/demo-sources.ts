/** Made-up material for the demo, as sources an operator could have dropped. Nothing in it is a real name, account or password. */
import { demoMaterial } from '@sealpost/shared/opened/sample/demo';
import type { DemoSources } from '../ingest.api.ts';

/** The same `seed` makes the same material; dates lie before `nowMs`. */
export function makeDemoSources(seed: number, nowMs: number): DemoSources {
  const { organisations, files } = demoMaterial(seed, nowMs);
  return {
    organisations,
    sources: files.map(({ name, alias, sourceClass, publishedAtMs, bytes }) => ({
      name,
      files: [{ path: name, file: new File([bytes as Uint8Array<ArrayBuffer>], name) }],
      options: { sourceClass, alias, capturedAtMs: null, publishedAtMs },
    })),
  };
}
