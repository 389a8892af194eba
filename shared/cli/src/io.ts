/** The process as commands see it: folder, environment, the two streams. Tests of commands spawn the real one. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { toJsonLine, toTerminal } from './escape.ts';

export interface Io {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A path as the caller wrote it, seen from the caller's folder. */
  path(text: string): string;
  /** A result on stdout: one line, made safe for terminals. Waits for slow readers. */
  out(line: string): Promise<void>;
  /** A result as one JSON line. */
  json(value: unknown): Promise<void>;
  /** A remark on stderr: one line. */
  say(sentence: string): void;
  /** A line on stderr that the next one replaces; nothing where stderr is no terminal. */
  progress(line: string): void;
  /** Who takes the next interrupt (Ctrl-C) to end in good order; `null`: the process ends at once, as it does at a second one. */
  onInterrupt(stop: (() => void) | null): void;
}

/** The process's side: `true` if a command took the interrupt. */
export interface ProcessIo extends Io {
  interrupt(): boolean;
}

/** The real process. A reader that closes stdout (`| head`) ends the command quietly. */
export function processIo(): ProcessIo {
  const { stdout, stderr } = process;
  let stop: (() => void) | null = null;
  let isShowing = false;
  const clear = () => {
    if (isShowing) stderr.write('\r\u001b[2K');
    isShowing = false;
  };
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  const write = async (line: string) => {
    clear();
    if (!stdout.write(`${line}\n`)) await once(stdout, 'drain');
  };
  return {
    environment: process.env,
    path: (text) => resolve(text),
    out: (line) => write(toTerminal(line)),
    json: (value) => write(toJsonLine(value)),
    say: (sentence) => {
      clear();
      stderr.write(`${toTerminal(sentence)}\n`);
    },
    progress: (line) => {
      if (!stderr.isTTY) return;
      clear();
      stderr.write(toTerminal(line).slice(0, Math.max(20, (stderr.columns ?? 80) - 1)));
      isShowing = true;
    },
    onInterrupt: (next) => {
      stop = next;
    },
    interrupt: () => {
      const taken = stop;
      stop = null;
      taken?.();
      return taken !== null;
    },
  };
}
