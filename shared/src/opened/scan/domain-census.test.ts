import { expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { DomainCensus } from './domain-census.ts';

function censusOf(text: string): DomainCensus {
  const census = new DomainCensus();
  const bytes = utf8(text);
  census.observe(bytes, 0, bytes.length);
  return census;
}

test('hosts of addresses and URLs count to their registrable domain, nothing else does', () => {
  const census = censusOf(
    [
      'https://sso.moe.go.th/login:somchai.j:file.name.txt',
      'x@MAIL.moe.go.th:v1.2.3',
      'x@moe.go.th.:1',
      'https://10.0.0.1/:a:b',
      'x@go.th:1',
      'https://a.other.example:8443/x.y:a:b',
      'sso.moe.go.th/login:a:b',
      'somchai.jaidee:b',
    ].join('\n'),
  );
  expect(census.counts(1, 10)).toEqual({
    domains: [
      { domain: 'moe.go.th', seen: 4 },
      { domain: 'other.example', seen: 1 },
    ],
    isEstimate: false,
  });
  expect(census.counts(2, 1).domains).toEqual([{ domain: 'moe.go.th', seen: 4 }]);
});

test('large material is counted in part, near to what is there, and said to be an estimate', () => {
  const line = utf8('https://sso.moe.example/login:somchai@moe.example:password\n');
  const chunk = new Uint8Array(1 << 20);
  let lines = 0;
  let used = 0;
  for (; used + line.length <= chunk.length; used += line.length, lines++) chunk.set(line, used);
  const census = new DomainCensus();
  const chunks = 160;
  for (let i = 0; i < chunks; i++) census.observe(chunk, 0, used);
  const { domains, isEstimate } = census.counts(1, 10);
  expect(isEstimate).toBe(true);
  const seen = domains[0]?.seen ?? 0;
  expect(Math.abs(seen / (2 * lines * chunks) - 1)).toBeLessThan(0.05);
});

test('what is seen often outlives any number of hosts seen once', () => {
  const rare = Array.from({ length: 110_000 }, (_, n) => `x@h${n}.example\n`).join('');
  const census = censusOf('x@often.example\n'.repeat(50) + rare);
  expect(census.counts(50, 5).domains).toEqual([{ domain: 'often.example', seen: 50 }]);
});
