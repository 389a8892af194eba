import { expect, test } from 'vitest';
import { Networks } from './networks.ts';

test.each([
  ['192.0.2.0/24', '192.0.2.255', true],
  ['192.0.2.0/24', '192.0.3.0', false],
  ['192.0.2.128/25', '192.0.2.127', false],
  ['192.0.2.128/25', '192.0.2.200', true],
  ['198.51.100.7', '198.51.100.7', true],
  ['2001:db8::/33', '2001:db8:7fff::1', true],
  ['2001:db8::/33', '2001:db8:8000::1', false],
  ['192.0.2.0/24', '::ffff:192.0.2.9', true],
  ['2001:db8::/32', '192.0.2.1', false],
  ['192.0.2.0/24', 'not an address', false],
  ['192.0.2.0/24', '192.0.02.1', false],
])('%s holds %s: %s', (range, address, expected) => {
  expect(new Networks([range]).holds(address)).toBe(expected);
});

test('what is no range is told and holds nothing', () => {
  const bad = [
    '192.0.2.0/33',
    '0.0.0.0/0',
    '192.0.2/24',
    '2001:db8::1::/64',
    '1.2.3.4/8/8',
    'moe.example',
    '2001:db8:::/32',
  ];
  const networks = new Networks(bad);
  expect(networks.refused).toEqual(bad);
  expect(networks.holds('192.0.2.1')).toBe(false);
  expect(networks.holds(null)).toBe(false);
});
