/** What is decided about a list of lines from its sample, once for all of it: the dialect, what its secrets are, its newline. */
import { chooseDialect, parseLine } from './dialects/choose.ts';
import type { DialectName, FrozenDialect } from './dialects/dialect.ts';
import { pwdump } from './dialects/pwdump.ts';
import { secretContext } from './secret-form.ts';
import type { SecretContext } from './secret-form.ts';
import type { TextSniff } from './text/encoding.ts';
import { LineFeed } from './text/line-feed.ts';

/** Secrets of the sample that are weighed for being hashes. */
const SAMPLE_SECRETS = 200;

export interface LineSample {
  readonly sniff: TextSniff;
  /** The first bytes as stored. */
  readonly sample: Uint8Array;
  /** The sample is the whole leaf. */
  readonly isWholeSample: boolean;
  readonly lineBytes: number;
  /** By a person's word; `null`: what fits the sample. */
  readonly dialect?: DialectName | null;
}

export interface LineDecision {
  /** `null`: nothing in the sample parses. */
  readonly frozen: FrozenDialect | null;
  readonly secrets: SecretContext;
  readonly newline: number;
}

/** A function of the sample alone. Cost: some milliseconds for 64 KiB. */
export function decideLines({ sniff, sample, isWholeSample, lineBytes, dialect = null }: LineSample): LineDecision {
  const sink = { lines: () => undefined, longPart: () => undefined, longEnd: () => undefined };
  const feed = new LineFeed(sniff, sample, lineBytes, sink);
  const lines = [...feed.sampleLines(sample, isWholeSample)];
  const frozen = chooseDialect(lines, dialect);
  const parsed = lines.slice(0, SAMPLE_SECRETS).map((line) => parseLine(line, frozen));
  const context = secretContext(parsed.flatMap((fields) => (fields === null ? [] : [fields.password])));
  return {
    frozen,
    secrets: frozen?.dialect === pwdump ? { ...context, pwdump: true } : context,
    newline: feed.newline,
  };
}
