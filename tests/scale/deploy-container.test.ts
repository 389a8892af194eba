/** The Containerfile of `server/deploy` fits the repository: what it runs is there, what it sets the server knows, what it leaves out is left out. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '@sealpost/server/src/config.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Instructions in order, their lines joined. */
function instructions(): readonly (readonly [name: string, rest: string])[] {
  const lines = read('server/deploy/Containerfile').replaceAll('\\\n', ' ').split('\n');
  return lines
    .filter((line) => /^[A-Z]+ /.test(line))
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]);
}
const all = (name: string): readonly string[] => instructions().flatMap(([is, rest]) => (is === name ? [rest] : []));

describe('the Containerfile', () => {
  it('starts what is in the repository, as nobody special, and only a folder of its own is written', () => {
    const [command] = all('CMD').map((text) => JSON.parse(text) as string[]);
    expect(command?.every((path) => existsSync(join(ROOT, path)))).toBe(true);
    expect(all('USER')).toEqual(['node']);
    const environment = Object.fromEntries(
      all('ENV').flatMap((text) => text.split(' ').map((pair) => pair.split('=', 2) as [string, string])),
    );
    const config = readConfig(environment, join(ROOT, 'server'));
    expect(config).toMatchObject({ ok: true, value: { host: '127.0.0.1', metrics: { host: '127.0.0.1' } } });
    expect(all('VOLUME')).toEqual([config.ok ? config.value.dataDir : '']);
  });

  it('asks where the server says that it is ready, and fails if it never is', () => {
    const [build = ''] = all('RUN');
    expect(build).toMatch(/^node \.ci\/bootstrap\.mjs start & pid=\$!;/);
    const port = readConfig({}, ROOT);
    expect(build).toContain(`http://127.0.0.1:${port.ok ? port.value.port : 0}/readyz`);
    expect(build).toContain('kill -0 $pid || exit 1');
    execFileSync('sh', ['-n', '-c', build]); // no fault of syntax
  });

  it('leaves out what this machine installed and built, and nothing that belongs to the repository', () => {
    const left = read('.containerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    for (const made of ['**/node_modules', '.data', '.cache', 'web/build', '**/.svelte-kit'])
      expect(left).toContain(made);
    const kept = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 }).split('\n');
    const leaves = left.map(
      (pattern) => new RegExp(`^${pattern.replaceAll('.', '\\.').replace('**/', '(.*/)?')}(/|$)`),
    );
    expect(kept.filter((path) => leaves.some((pattern) => pattern.test(path)))).toEqual([]);
    expect(kept.length).toBeGreaterThan(100);
  });
});
