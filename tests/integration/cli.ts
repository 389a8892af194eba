/** `sealpost` as a process of its own, in a folder of its own, as an operator calls it. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../shared/cli/src/main.ts');

export interface CliAnswer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs commands in `folder` and remembers everything they ever printed. */
export class Cli {
  readonly folder: string;
  /** All output so far, both streams. */
  printed = '';

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Runs one command to its end. `input` goes to its stdin. */
  async run(args: readonly string[], options: { readonly input?: string } = {}): Promise<CliAnswer> {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: this.folder,
      env: { PATH: String(process.env['PATH']) },
      stdio: 'pipe',
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.stdin.end(options.input ?? '');
    const code = await new Promise<number | null>((done, failed) => {
      child.once('error', failed);
      child.once('close', done);
    });
    this.printed += out + err;
    return { code, out, err };
  }

  /** Runs a command whose reader is gone before it prints, as in `sealpost … | head -0`. */
  async runUnread(...args: readonly string[]): Promise<void> {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: this.folder,
      env: { PATH: String(process.env['PATH']) },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.stdout.destroy();
    await new Promise((done, failed) => {
      child.once('error', failed);
      child.once('close', done);
    });
  }

  /** Runs a command that must end with 0; its stdout. */
  async must(...args: readonly string[]): Promise<string> {
    const { code, out, err } = await this.run(args);
    if (code !== 0) throw new Error(`sealpost ${args.join(' ')} ended with ${code}: ${err}`);
    return out;
  }

  /** The same, with the passphrase file `p.txt`; stdout as JSON lines. */
  async json<T>(...args: readonly string[]): Promise<readonly T[]> {
    const out = await this.must(...args, '--passphrase-file', 'p.txt');
    return out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T);
  }
}
