/** The systemd unit of `server/deploy`, as far as a machine without systemd can tell: its words, its paths, its settings, its cage. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '@sealpost/server/src/config.ts';
import { ServerProcess } from '../faults/record/server-process.ts';
import { sealedFile, setUp, upload } from '../integration/scene.ts';
import { hasProgram } from './reverse-proxy.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const UNIT = readFileSync(join(ROOT, 'server/deploy/sealpost.service'), 'utf8');
/** Where the unit says that the repository lies. */
const INSTALLED = '/opt/sealpost';

/** The value of a setting of the unit; it must stand there once. */
function setting(name: string): string {
  const [found, ...others] = [...UNIT.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))];
  if (found?.[1] === undefined || others.length > 0) throw new Error(`${name} does not stand in the unit once`);
  return found[1];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealpost-unit-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the systemd unit', () => {
  it('starts what is in the repository, and its settings are ones that the server knows', () => {
    expect(setting('WorkingDirectory')).toBe(INSTALLED);
    const [program = '', main = '', ...rest] = setting('ExecStart').split(' ');
    expect(rest).toEqual([]);
    expect(existsSync(program.replace(INSTALLED, ROOT))).toBe(true);
    expect(existsSync(join(ROOT, main))).toBe(true);
    const environment = Object.fromEntries(
      setting('Environment')
        .split(' ')
        .map((pair) => pair.split('=', 2) as [string, string]),
    );
    const source = readFileSync(join(ROOT, 'server/src/config.ts'), 'utf8');
    for (const name of Object.keys(environment)) expect(source).toContain(`environment['${name}']`);
    const config = readConfig(environment, join(ROOT, 'server'));
    expect(config).toMatchObject({ ok: true, value: { host: '127.0.0.1', metrics: { host: '127.0.0.1' } } });
    // the one folder that it may write
    expect(config.ok && config.value.dataDir).toBe(`/var/lib/${setting('StateDirectory')}`);
  });

  const canVerify = hasProgram('systemd-analyze');
  it.skipIf(!canVerify)(
    `holds no word that systemd does not know${canVerify ? '' : ' (skipped: no systemd-analyze)'}`,
    () => {
      const path = join(folder, 'sealpost.service');
      writeFileSync(path, UNIT.replaceAll(INSTALLED, ROOT));
      const done = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
      expect(done.stderr.split('\n').filter((line) => line.includes('sealpost'))).toEqual([]);
    },
  );

  const canTrace = canVerify && hasProgram('strace');
  it.skipIf(!canTrace)(
    `lets the server make every system call that it makes${canTrace ? '' : ' (skipped: no strace or no systemd-analyze)'}`,
    async () => {
      const allowed = expand(setting('SystemCallFilter').split(' '));
      const families = new Set(setting('RestrictAddressFamilies').split(' '));
      const trace = join(folder, 'trace');
      const server = await ServerProcess.prepare();
      try {
        const environment = { METRICS_PORT: '0' };
        await server.start({ under: ['strace', '-f', '-qq', '-o', trace], environment });
        const scene = await setUp(server.origin);
        expect((await upload(scene, scene.operator, await sealedFile(100_000))).status).toBe(201);
        await server.kill('SIGTERM');
      } finally {
        await server.remove();
      }
      const made = readFileSync(trace, 'utf8');
      const calls = new Set([...made.matchAll(/^\d+ +([a-z0-9_]+)\(/gm)].map(([, name]) => name ?? ''));
      expect(calls.size).toBeGreaterThan(30);
      expect([...calls].filter((name) => !allowed.has(name))).toEqual([]);
      const used = new Set([...made.matchAll(/ socket(?:pair)?\((AF_[A-Z0-9]+)/g)].map(([, family]) => family ?? ''));
      expect([...used].filter((family) => !families.has(family))).toEqual([]);
    },
  );
});

/** System calls of a filter: names as they stand, sets (`@name`) by what this machine's systemd has in them. */
function expand(words: readonly string[]): ReadonlySet<string> {
  const calls = new Set<string>();
  const waiting = [...words];
  for (let word = waiting.pop(); word !== undefined; word = waiting.pop()) {
    if (!word.startsWith('@')) calls.add(word);
    else {
      const { stdout } = spawnSync('systemd-analyze', ['syscall-filter', word], { encoding: 'utf8' });
      waiting.push(
        ...stdout
          .split('\n')
          .slice(1)
          .map((line) => line.trim())
          .filter((line) => /^[@a-z]/.test(line)),
      );
    }
  }
  return calls;
}
