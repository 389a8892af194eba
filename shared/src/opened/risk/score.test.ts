import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COOKIE_STATES, LEVELS } from '../finding/finding.ts';
import { ASSETS } from '../finding/profile.ts';
import { FACTOR_CODES } from './factor-codes.ts';
import { IDENTITY_ROLES, PRIORS, SERVICE_KINDS } from './model-v1.ts';
import type { RiskInput } from './score.ts';
import { VERDICTS, scoreRisk } from './score.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 22);
const base: RiskInput = {
  prior: 'ulp_own',
  hashType: null,
  capturedAtMs: NOW,
  publishedAtMs: null,
  nowMs: NOW,
  independentSources: 1,
  fitsPolicy: null,
  cookieState: 'none',
  ownHost: true,
  contextless: false,
  mfa: 'unknown',
  reLeakOfClosed: false,
  verdict: 'unknown',
  service: 'internal',
  identity: 'staff',
  asset: 'unknown',
  ownLogins: 1,
  corporateDevice: false,
  parserConfidence: 1,
};
const rank = (input: RiskInput) => LEVELS.indexOf(scoreRisk(input).level);
const when = fc.option(
  fc.integer({ min: 0, max: 4000 }).map((days) => NOW - days * DAY),
  { nil: null },
);
const anyInput: fc.Arbitrary<RiskInput> = fc.record({
  prior: fc.constantFrom(...PRIORS),
  hashType: fc.constantFrom(null, 'md5'),
  capturedAtMs: when,
  publishedAtMs: when,
  nowMs: fc.constant(NOW),
  independentSources: fc.integer({ min: 1, max: 5 }),
  fitsPolicy: fc.constantFrom(null, true, false),
  cookieState: fc.constantFrom(...COOKIE_STATES),
  ownHost: fc.boolean(),
  contextless: fc.boolean(),
  mfa: fc.constantFrom('unknown', 'otp', 'phishing_resistant'),
  reLeakOfClosed: fc.boolean(),
  verdict: fc.constantFrom(...VERDICTS),
  service: fc.constantFrom(...SERVICE_KINDS),
  identity: fc.constantFrom(...IDENTITY_ROLES),
  asset: fc.constantFrom(...ASSETS),
  ownLogins: fc.integer({ min: 1, max: 9 }),
  corporateDevice: fc.boolean(),
  parserConfidence: fc.double({ min: 0, max: 1, noNaN: true }),
});
/** `b` neither scores nor ranks above `a`. */
const isAtMost = (b: RiskInput, a: RiskInput) => scoreRisk(b).score <= scoreRisk(a).score && rank(b) <= rank(a);
const holds = <T>(property: fc.IRawProperty<T>) => {
  expect(fc.check(property, { numRuns: 1000 })).toMatchObject({ failed: false, counterexample: null });
};

describe('for any input', () => {
  test('older never raises', () => {
    holds(
      fc.property(anyInput, fc.integer({ min: 1, max: 3000 }), (input, days) => {
        const older = (ms: number | null) => (ms === null ? null : ms - days * DAY);
        return isAtMost(
          { ...input, capturedAtMs: older(input.capturedAtMs), publishedAtMs: older(input.publishedAtMs) },
          input,
        );
      }),
    );
  });
  test('an admin identity never lowers', () => {
    holds(fc.property(anyInput, (input) => isAtMost(input, { ...input, identity: 'admin' })));
  });
  test('a higher asset never lowers', () => {
    const steps = ['low', 'medium', 'high'] as const;
    holds(
      fc.property(anyInput, fc.integer({ min: 0, max: 1 }), (input, at) =>
        isAtMost({ ...input, asset: steps[at] ?? 'low' }, { ...input, asset: steps[at + 1] ?? 'high' }),
      ),
    );
  });
  test('score, likelihood and impact stay in range and every factor has a name', () => {
    holds(
      fc.property(anyInput, (input) => {
        const { score, likelihood, impact, ledger } = scoreRisk(input);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(100);
        expect(likelihood).toBeGreaterThan(0);
        expect(likelihood).toBeLessThan(1);
        expect(impact).toBeLessThanOrEqual(1);
        for (const { code, value } of ledger) {
          expect(FACTOR_CODES).toHaveProperty([code]);
          expect(Number.isFinite(value)).toBe(true);
        }
      }),
    );
  });
  test('what was checked and does not work is at most low, medium on an infected corporate device', () => {
    holds(
      fc.property(
        anyInput,
        fc.constantFrom('absent', 'no_match', 'changed'),
        (input, verdict) => rank({ ...input, verdict }) <= LEVELS.indexOf(input.corporateDevice ? 'medium' : 'low'),
      ),
    );
  });
  test('what works is at least high, and critical where it opens everything', () => {
    const works = fc.constantFrom('match', 'variant');
    holds(
      fc.property(anyInput, works, (input, verdict) => {
        const found = { ...input, prior: 'ulp_own', verdict } as const;
        const opensAll =
          ['sso', 'remote', 'admin'].includes(input.service) || ['admin', 'service'].includes(input.identity);
        return rank(found) >= LEVELS.indexOf(opensAll ? 'critical' : 'high');
      }),
    );
  });
});

test('the published order of classes holds at any age', () => {
  for (let days = 0; days <= 4000; days += 50) {
    const at = { ...base, capturedAtMs: NOW - days * DAY };
    const ordered = [
      { ...at, prior: 'address_only' },
      { ...at, prior: 'breach_slow' },
      { ...at, prior: 'breach_plain' },
      { ...at, prior: 'stealer_own' },
      { ...at, prior: 'stealer_own', cookieState: 'live' },
    ] as const;
    const likelihoods = ordered.map((input) => scoreRisk(input).likelihood);
    expect(likelihoods).toEqual([...likelihoods].sort((a, b) => a - b));
    expect(new Set(likelihoods).size).toBe(5);
  }
});

describe('golden scores of model 1', () => {
  test.each([
    ['fresh URL list, own internal host', {}, 37, 'medium'],
    ['stealer on own VPN', { prior: 'stealer_own', service: 'remote' }, 57, 'medium'],
    [
      'stealer, admin, own sign-on, fits the policy',
      { prior: 'stealer_own', service: 'sso', identity: 'admin', fitsPolicy: true },
      71,
      'high',
    ],
    ['live cookie at own sign-on', { prior: 'stealer_own', service: 'sso', cookieState: 'live' }, 73, 'critical'],
    [
      'combo without context',
      { prior: 'no_context', contextless: true, ownHost: false, service: 'unknown' },
      11,
      'info',
    ],
    ['address only', { prior: 'address_only', service: 'unknown' }, 4, 'info'],
    ['match on webmail', { verdict: 'match', service: 'mail' }, 72, 'high'],
    [
      'match of an admin on another site',
      { verdict: 'match', service: 'other_site', identity: 'admin' },
      70,
      'critical',
    ],
    ['absent', { verdict: 'absent', prior: 'stealer_own', service: 'sso', cookieState: 'live' }, 8, 'low'],
    ['corporate device, 100 days', { corporateDevice: true, capturedAtMs: NOW - 100 * DAY }, 41, 'high'],
    ['corporate device, 200 days', { corporateDevice: true, capturedAtMs: NOW - 200 * DAY }, 39, 'medium'],
  ] as const)('%s', (_, change, score, level) => {
    expect(scoreRisk({ ...base, ...change })).toMatchObject({ score, level });
  });
  test('the ledger tells every step', () => {
    const { ledger } = scoreRisk({ ...base, independentSources: 3, fitsPolicy: true });
    expect(ledger).toEqual([
      { code: 'prior.ulp_own', value: 0.3 },
      { code: 'decay.captured', value: 1, note: '0' },
      { code: 'evidence.two_sources', value: 0.7, note: '3' },
      { code: 'evidence.policy_fit', value: 0.4 },
      { code: 'likelihood', value: 0.5628 },
      { code: 'impact.service', value: 0.21, note: 'internal' },
      { code: 'impact.identity', value: 0.12, note: 'staff' },
      { code: 'impact.asset', value: 0.1, note: 'unknown' },
      { code: 'impact.blast', value: 0.03, note: '1' },
      { code: 'impact', value: 0.46 },
    ]);
  });
});

test('without any date 365 days are assumed and confidence is low', () => {
  const unknown = scoreRisk({ ...base, capturedAtMs: null });
  expect(unknown.likelihood).toBeCloseTo(scoreRisk({ ...base, capturedAtMs: NOW - 365 * DAY }).likelihood, 10);
  expect(unknown.confidence).toBe('low');
});
