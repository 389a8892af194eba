/** Reads a bundle's sealed file into a sink: here, or in another worker that offers to. */
import type { EnvelopeReading, FileToRead } from '../../sealed/envelope/read-envelope.ts';
import { readEnvelope } from '../../sealed/envelope/read-envelope.ts';
import { oneBuffer } from './arrow-read.ts';
import { BundleReader } from './bundle-reader.ts';
import type { BundleSink } from './bundle-sink.ts';

/**
 * Begins to read `file`, whose content will go into `sink`. What the sink throws is passed on; content that is no bundle throws
 * BundleRefused, and a reader that died ReaderGone.
 */
export type ReadBundle = (file: FileToRead, sink: BundleSink) => Promise<EnvelopeReading>;

/** Whoever read is no more; nothing is known of the file. Reading it again, here, may go well. */
export class ReaderGone extends Error {}

/** Reads in the worker that calls. Memory: one batch, some pieces of the file, the dictionaries. */
export const readBundleHere: ReadBundle = async (file, sink) => {
  const reader = new BundleReader({
    begin: (metadata) => sink.begin(metadata),
    identities: (dictionary) => sink.identities(dictionary),
    batch: (columns) => sink.batch(columns),
    takeBuffer: oneBuffer(),
  });
  const reading = await readEnvelope(file, reader);
  return {
    statement: () => reading.statement(),
    async content(claims) {
      const wrong = await reading.content(claims);
      if (wrong === null) reader.end();
      return wrong;
    },
    close: () => reading.close(),
  };
};
