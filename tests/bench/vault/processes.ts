/** Processes of a browser, read from `/proc`: which are its renderers, what memory is theirs alone, how to end or slow them. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

const LOOK_AGAIN_MS = 10;

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Process ids of the renderers of the browser whose profile is `folder`. Linux only: elsewhere none. */
export function renderersOf(folder: string): readonly number[] {
  return treeOf(folder)
    .filter(({ command }) => command.includes('--type=renderer'))
    .map(({ pid }) => pid);
}

/** Memory in MB that belongs to these processes alone. */
export function privateMegabytes(pids: readonly number[]): number {
  let kilobytes = 0;
  for (const pid of pids) {
    const rollup = readIfThere(`/proc/${pid}/smaps_rollup`);
    for (const [, amount] of rollup.matchAll(/^Private_\w+:\s+([0-9]+) kB$/gm)) kilobytes += Number(amount);
  }
  return kilobytes / 1024;
}

/**
 * Ends the renderers at once, as a crash or the system's memory killer does. Settles when the browser has noticed each death: until
 * then it puts new pages into a dead renderer, and connects them to dead shared workers.
 */
export async function killRenderers(folder: string): Promise<void> {
  const killed = renderersOf(folder);
  for (const pid of killed) kill(pid);
  // A process that ended is listed until its parent has asked how.
  while (killed.some((pid) => existsSync(`/proc/${pid}`))) await setTimeout(LOOK_AGAIN_MS);
}

/** Ends the whole browser at once. */
export function killBrowser(folder: string): void {
  for (const { pid } of treeOf(folder)) kill(pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** A slow machine: see `slowDown`. */
export interface SlowDown {
  end(): void;
}

/**
 * Puts a browser on one core and lets `times - 1` busy processes compete for it, so that each of its threads, workers included, gets
 * a `times`th of that core. The throttling of the developer tools reaches the page's own thread only. `null` where that cannot be
 * done.
 */
export function slowDown(folder: string, times: number): SlowDown | null {
  if (!existsSync('/usr/bin/taskset')) return null;
  const core = '0';
  for (const { pid } of treeOf(folder)) spawn('taskset', ['-a', '-p', '-c', core, String(pid)], { stdio: 'ignore' });
  const rivals: ChildProcess[] = Array.from({ length: times - 1 }, () =>
    // Each in a session of its own: systems that share a core by session count it as one.
    spawn('taskset', ['-c', core, process.execPath, '-e', 'for (;;);'], { stdio: 'ignore', detached: true }),
  );
  return {
    end: () => {
      for (const rival of rivals) rival.kill('SIGKILL');
    },
  };
}

/** The browser's processes, the zygotes' children included. */
function treeOf(folder: string): readonly ProcessEntry[] {
  const all = listProcesses();
  const found = new Set(
    all.filter(({ command }) => command.includes(`--user-data-dir=${folder}`)).map(({ pid }) => pid),
  );
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return all.filter(({ pid }) => found.has(pid));
}

function listProcesses(): readonly ProcessEntry[] {
  if (!existsSync('/proc/self/stat')) return [];
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map((name) => {
      // `pid (name) state parent …`: the name may hold spaces and brackets.
      const stat = readIfThere(`/proc/${name}/stat`);
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
      return { pid: Number(name), parent, command: readIfThere(`/proc/${name}/cmdline`).replaceAll('\0', ' ') };
    });
}

/** '' for a file of a process that has ended. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
