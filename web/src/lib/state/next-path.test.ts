/** The lock screen must never send anyone outside the app, whatever the address says. */
import { expect, test } from 'vitest';
import { safeNextPath, unlockPath } from './next-path.ts';

test.each(['/findings/AY0z0MCWwHPxvz1hnD9YIQ', '/findings?level=critical', '/operator/requests', '/'])(
  'a path of the app is kept: %s',
  (path) => expect(safeNextPath(path)).toBe(path),
);

test.each([
  null,
  '',
  'findings',
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example',
  '/a\tb',
  '/\u0000',
  'javascript:alert(1)',
  '/unlock',
  '/unlock?next=/unlock',
  '/api/v1',
])('anything else leads to the start: %j', (path) => expect(safeNextPath(path)).toBe('/'));

test('the lock screen remembers the page it took the place of', () => {
  expect(unlockPath('/findings/x?a=1')).toBe('/unlock?next=%2Ffindings%2Fx%3Fa%3D1');
  expect(unlockPath('//evil.example')).toBe('/unlock');
});
