/** What a command is, and how it ends: what it was called with goes in, results go to stdout, remarks to stderr. */
import type { Io } from './io.ts';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly required?: boolean;
  /** Stands for the value in the help text. */
  readonly value?: string;
  readonly help: string;
}

export interface Command {
  /** What calls it, e.g. `orgs import`. */
  readonly name: string;
  readonly summary: string;
  /** Operands as the help shows them. */
  readonly operands: { readonly usage: string; readonly least: number; readonly most: number };
  readonly options: Readonly<Record<string, OptionSpec>>;
  run(call: Call, io: Io): Promise<void>;
}

/** One call, checked against the command's options. */
export interface Call {
  readonly operands: readonly string[];
  /** Value of an option that is always there. */
  must(name: string): string;
  text(name: string): string | null;
  texts(name: string): readonly string[];
  flag(name: string): boolean;
}

/** 1: it failed; 2: it was called wrongly; 130: it was interrupted, and can go on. */
type ExitCode = 1 | 2 | 130;

/** Ends the command with one sentence on stderr. Caught by `run.ts` alone. */
export class Failure extends Error {
  readonly exitCode: ExitCode;

  constructor(sentence: string, exitCode: ExitCode = 1) {
    super(sentence);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}

/** Options of every command that opens a home. */
export const HOME_OPTIONS = {
  home: { type: 'string', required: true, value: 'DIR', help: 'folder of this identity' },
  'passphrase-file': {
    type: 'string',
    value: 'FILE',
    help: 'first line is the passphrase (else SEALPOST_PASSPHRASE, else asked for)',
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;
