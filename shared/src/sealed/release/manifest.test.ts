import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { formatRelease, parseRelease } from './manifest.ts';
import type { Release } from './manifest.ts';

const hash = (digit: string): string => digit.repeat(64);
const RELEASE: Release = {
  v: 1,
  app: 'sealpost',
  version: '0.1.0',
  released: 1_800_000_000 as never,
  files: [
    { path: '/_app/immutable/entry/start.Ab-1_c.js', size: 10, sha256: hash('a') },
    { path: '/index.html', size: 0, sha256: hash('0') },
  ],
};

describe('the list of a release', () => {
  it('reads back as it was written, in the same bytes, one file a line', () => {
    const bytes = formatRelease(RELEASE);
    expect(parseRelease(bytes)).toEqual({ ok: true, value: RELEASE });
    expect(formatRelease(RELEASE)).toEqual(bytes);
    expect(fromUtf8(bytes)?.split('\n')).toHaveLength(5);
  });

  it.each([
    ['a path that climbs', '/_app/../secret.js'],
    ['a path that climbs at its end', '/_app/..'],
    ['an empty part', '//evil.example/x.js'],
    ['a whole address', 'https://evil.example/x.js'],
    ['a query', '/x.js?y'],
    ['a space', '/x y.js'],
    ['an encoded character', '/%2e%2e/x.js'],
  ])('with %s is refused', (_, path) => {
    const text = fromUtf8(formatRelease(RELEASE)) ?? '';
    expect(parseRelease(utf8(text.replace('/_app/immutable/entry/start.Ab-1_c.js', path)))).toMatchObject({
      ok: false,
    });
    expect(() => formatRelease({ ...RELEASE, files: [{ path, size: 1, sha256: hash('a') }] })).toThrow(TypeError);
  });

  it('out of order, with a path twice, with other members or of a newer version is refused', () => {
    const text = fromUtf8(formatRelease(RELEASE)) ?? '';
    const [first, second] = RELEASE.files;
    const changed = [
      text.replace('"v":1', '"v":2'),
      text.replace('"v":1', '"v":1,"also":1'),
      text.replace('sealpost', 'another'),
      text.replace(hash('a'), hash('A')),
      text.slice(0, -3),
      JSON.stringify({ ...RELEASE, files: [second, first] }),
      JSON.stringify({ ...RELEASE, files: [first, first] }),
      JSON.stringify({ ...RELEASE, files: [] }),
    ];
    for (const one of changed) expect([one, parseRelease(utf8(one)).ok]).toEqual([one, false]);
  });
});
