/** CPU seconds of our own code and of other programs, and the lines that a bench prints. */
import { spawnSync } from 'node:child_process';

export interface Measured<T> {
  readonly cpuSeconds: number;
  readonly value: T;
}

/** User and system time of this process, all its threads, while `run` runs. */
export async function measureOwn<T>(run: () => T | Promise<T>): Promise<Measured<T>> {
  const before = process.cpuUsage();
  const value = await run();
  const { user, system } = process.cpuUsage(before);
  return { cpuSeconds: (user + system) / 1e6, value };
}

/** User and system time of a child, as the shell that waits for it tells, and what it printed. */
export function measureChild(command: string, args: readonly string[]): Measured<string> {
  const child = spawnSync('bash', ['-c', 'TIMEFORMAT="%3U %3S"; time "$@"', 'bash', command, ...args], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  // ripgrep and grep exit with 1 where nothing is found.
  if (child.error || (child.status ?? 2) > 1) throw new Error(`${command}: ${child.error?.message ?? child.stderr}`);
  const [user = NaN, system = NaN] = (child.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { cpuSeconds: user + system, value: child.stdout.trim() };
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** One figure, as a JSON line on stdout. */
export function print(name: string, metric: string, value: number): void {
  console.log(JSON.stringify({ bench: 'ingest', case: name, metric, value: Math.round(value * 100) / 100 }));
}

/** Progress, on stderr. */
export function say(text: string): void {
  console.error(text);
}
