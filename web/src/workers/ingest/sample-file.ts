/** Made-up material for the demo. Nothing in it is a real name, account or password. */
import type { SampleOptions } from '../ingest.api.ts';

/** TEMP until the generator lands. */
export async function makeSampleFile(options: SampleOptions): Promise<File> {
  return new File([options.kind], `sample-${options.kind}.txt`);
}
