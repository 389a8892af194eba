import { expect, test } from 'vitest';
import type { Ports } from './ports.ts';
import { TriageRehearsal } from './triage-rehearsal.ts';

test('a rehearsal triages blank findings step by step to its end, and asks no network', async () => {
  let signed = 0;
  const ports: Ports = {
    network: {
      request: () => {
        throw new Error('asked');
      },
    },
    nowMs: () => 1_772_000_000_000,
    random: (length) => {
      // The salt of an audit entry.
      if (length === 32) signed++;
      return crypto.getRandomValues(new Uint8Array(length));
    },
  };
  const rehearsal = new TriageRehearsal(ports);
  let steps = 0;
  while (await rehearsal.step()) steps++;
  expect(steps).toBe(72);
  expect(signed).toBeGreaterThanOrEqual(steps);
  expect(await rehearsal.step()).toBe(false);
});
