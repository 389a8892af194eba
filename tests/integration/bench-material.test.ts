/** The vault bench's made-up findings: valid ones, the same for the same seed, as skewed as they claim to be. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { BundleColumns, TextColumn } from '@sealpost/shared/opened/bundle/columns';
import { findingAt } from '@sealpost/shared/opened/bundle/row';
import { findingToLine, parseFindingLine } from '@sealpost/shared/opened/finding/finding-json';
import { KEY_VERSION } from '@sealpost/shared/opened/finding/fingerprint';
import { parseBase64url } from '@sealpost/shared/base/base64url';
import { makeColumns } from '../bench/vault/material/make-columns.ts';
import type { RowRange } from '../bench/vault/material/rows.ts';
import { SEED } from '../bench/vault/material/seeds.ts';
import { World } from '../bench/vault/material/world.ts';

const ROWS = 20_000;

describe('the bench’s material', () => {
  let columns: BundleColumns;
  const make = (policy: 'masked' | 'fingerprint', ...ranges: readonly RowRange[]) =>
    makeColumns({ seed: SEED, world: new World(SEED), worldRows: ROWS, policy }, ranges);

  beforeAll(() => {
    columns = make('masked', { from: 0, to: ROWS });
  });

  test('is made of findings that any reader takes', () => {
    for (let row = 0; row < ROWS; row += 97) {
      const finding = findingAt(columns, row);
      expect(parseFindingLine(findingToLine(finding))).toEqual({ ok: true, value: finding });
      expect(finding.ledger.length).toBeGreaterThanOrEqual(7);
      expect(parseBase64url(finding.id, 16)?.[0]).toBe(KEY_VERSION);
    }
  });

  test('is the same however it is cut into bundles', () => {
    const part = make('masked', { from: 5_000, to: 5_050 }, { from: 9_000, to: 9_010 });
    for (let row = 0; row < 60; row++) {
      expect(findingAt(part, row)).toEqual(findingAt(columns, row < 50 ? 5_000 + row : 8_950 + row));
    }
  });

  test('seen again keeps its ids and gets another sighting', () => {
    const again = make('fingerprint', { from: 0, to: 100, again: true });
    for (let row = 0; row < 100; row++) {
      const [first, second] = [findingAt(columns, row), findingAt(again, row)];
      expect(second).toMatchObject({ id: first.id, identity: first.identity, host: first.host });
      expect(second.sightings).not.toEqual(first.sightings);
      expect(second.secret.secretFp).not.toBeNull();
    }
  });

  test('is skewed as leaks are', () => {
    const shareOfLargest = ({ codes }: TextColumn, largest: number): number => {
      const counts = new Map<number, number>();
      for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
      const sorted = [...counts.values()].sort((a, b) => b - a);
      return sorted.slice(0, largest).reduce((sum, count) => sum + count, 0) / ROWS;
    };
    const accounts = (columns.identity.dictionary.offsets.length - 1) / ROWS;
    expect(accounts).toBeGreaterThan(0.5);
    expect(accounts).toBeLessThan(0.7);
    expect(shareOfLargest(columns.registrable, 20)).toBeGreaterThan(0.4);
    expect(shareOfLargest(columns.host, 100)).toBeGreaterThan(0.3);
    expect(new Set(columns.level).size).toBe(5);
    expect(new Set(columns.sourceClass).size).toBe(8);
    expect(new Set(columns.id.filter((_, at) => at % 16 < 8)).size).toBeGreaterThan(200);
  });
});
