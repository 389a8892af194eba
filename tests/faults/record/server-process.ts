/** The server as a process of its own over a folder of its own: started, killed, traced, or with a fault built in. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../../server/src/main.ts');

export interface ProcessOptions {
  /** What runs the server, e.g. strace and its options. */
  readonly under?: readonly string[];
  readonly nodeOptions?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export class ServerProcess {
  readonly folder: string;
  readonly port: number;
  output = '';
  #child: ChildProcess | null = null;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
  }

  /** A folder and a port; nothing runs yet. */
  static async prepare(): Promise<ServerProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'sealpost-fault-'));
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    return new ServerProcess(folder, port);
  }

  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  /** Processor time that it took so far in all threads, in ms (Linux: 10 ms exact). */
  async cpuMs(): Promise<number> {
    const fields = (await readFile(`/proc/${this.#child?.pid ?? 0}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  /** The most memory that it held since `forgetPeak`, in bytes (Linux: VmHWM). */
  async peakBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.#child?.pid ?? 0}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) * 1024;
  }

  /** The peak begins anew with what it holds now (proc(5), clear_refs). */
  async forgetPeak(): Promise<void> {
    await writeFile(`/proc/${this.#child?.pid ?? 0}/clear_refs`, '5');
  }

  /** Starts it; resolves when it is ready. */
  async start({ under = [], nodeOptions = [], environment = {} }: ProcessOptions = {}): Promise<void> {
    const [command = process.execPath, ...args] = [...under, process.execPath, ...nodeOptions, MAIN];
    const child = spawn(command, args, {
      env: {
        PATH: String(process.env['PATH']),
        PORT: String(this.port),
        DATA_DIR: join(this.folder, 'data'),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    this.output = '';
    await new Promise<void>((ready, failed) => {
      const read = (chunk: Buffer): void => {
        this.output += chunk.toString('utf8');
        if (this.output.includes('Sealpost is ready')) ready();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code) => failed(new Error(`the server ended with ${code}: ${this.output}`)));
    });
  }

  /** Ends it and what runs it; its exit code when it is gone, `null` if it had none. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    const child = this.#child;
    this.#child = null;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = once(child, 'exit');
    process.kill(-child.pid, signal);
    const [code] = (await ended) as [number | null];
    return code;
  }

  /** Ends it and deletes its folder. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
