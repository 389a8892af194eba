import { describe, expect, test } from 'vitest';
import { err } from '../../base/result.ts';
import type { BundleSink } from '../bundle/bundle-sink.ts';
import { columnsOf } from '../bundle/columns-of.ts';
import { splitBatches } from '../bundle/split-batches.ts';
import type { Finding } from '../finding/finding.ts';
import { madeUpFindings } from '../query/made-up-findings.ts';
import { VAULT_TABLES } from './backend.ts';
import type { UnpackBundle } from './findings-vault.ts';
import { createMemoryBackend } from './memory-backend.ts';
import { ALL, bundleOf, emptyVault, picture, reopen, states, value } from './vault.fixture.ts';

const first = madeUpFindings(60, 11);
const second = madeUpFindings(90, 12);

/** A vault with a bundle, and a check that a second one, which did not come in, left nothing. */
async function started(atPause: () => void = () => undefined) {
  const made = await emptyVault({ pause: async () => atPause() });
  value(await made.vault.importBundle('b1', bundleOf(first)));
  const before = await picture(made.vault);
  const expectUntouched = async () => {
    expect(await picture(made.vault)).toEqual(before);
    expect(made.backend.segments.files.size).toBe(2);
    expect(await picture(await reopen(made.backend))).toEqual(before);
    // And it comes in when tried again.
    expect(value(await made.vault.importBundle('b2', bundleOf(second)))).toMatchObject({ added: 90 });
  };
  return { ...made, expectUntouched };
}

/** Unpacks `second` in batches, with `between` called before each but the first. */
function stepwise(between: (batch: number, sink: BundleSink) => Promise<void> | void): UnpackBundle {
  return async (sink) => {
    let batch = 0;
    const withSteps: BundleSink = {
      begin: (metadata) => sink.begin(metadata),
      identities: (dictionary) => sink.identities(dictionary),
      batch: async (columns) => {
        if (batch > 0) await between(batch, sink);
        batch++;
        await sink.batch(columns);
      },
    };
    return bundleOf(second, { batchRows: 30 })(withSteps);
  };
}

describe('an import that does not get through', () => {
  test('is cancelled between two batches: nothing is left', async () => {
    const { vault, expectUntouched } = await started();
    const cancel = new AbortController();
    const done = await vault.importBundle(
      'b2',
      stepwise((batch) => (batch === 2 ? cancel.abort() : undefined)),
      {
        signal: cancel.signal,
      },
    );
    expect(done).toEqual({ ok: false, error: { kind: 'cancelled' } });
    await expectUntouched();
  });

  test('is cancelled at any pause, while its identities are taken or behind them: nothing is left', async () => {
    for (const pauses of [0, 1, 2, 3, 6]) {
      let left = Infinity;
      const cancel = new AbortController();
      const { vault, expectUntouched } = await started(() => {
        if (left-- === 0) cancel.abort();
      });
      const unpack: UnpackBundle = (sink) => {
        left = pauses;
        return bundleOf(second)(sink);
      };
      const done = await vault.importBundle('b2', unpack, { signal: cancel.signal });
      expect(done, `${pauses} pauses`).toEqual({ ok: false, error: { kind: 'cancelled' } });
      left = Infinity;
      await expectUntouched();
    }
  });

  test('breaks off behind its identities: nothing is left', async () => {
    const { vault, backend, expectUntouched } = await started();
    const only = columnsOf(second, 'masked').identity.dictionary;
    const broken: UnpackBundle = async (sink) => {
      await sink.identities(only);
      return err({ kind: 'offline' });
    };
    expect(await vault.importBundle('b2', broken)).toEqual({ ok: false, error: { kind: 'offline' } });
    expect(backend.segments.files.size).toBe(2);
    await expectUntouched();
  });

  test('tells identities ahead or with its batches: the same comes in', async () => {
    const pictures = await Promise.all(
      [true, false].map(async (isAhead) => {
        const { vault, backend } = await emptyVault();
        value(await vault.importBundle('b1', bundleOf(first, { isAhead, batchRows: 25 })));
        return [await picture(vault), await picture(await reopen(backend))];
      }),
    );
    expect(pictures[0]).toEqual(pictures[1]);
  });

  test('is cancelled after its last batch, before the commit: nothing is left', async () => {
    const { vault, expectUntouched } = await started();
    const cancel = new AbortController();
    const unpack: UnpackBundle = async (sink) => {
      const facts = await bundleOf(second)(sink);
      cancel.abort();
      return facts;
    };
    expect(await vault.importBundle('b2', unpack, { signal: cancel.signal })).toEqual({
      ok: false,
      error: { kind: 'cancelled' },
    });
    await expectUntouched();
  });

  test('was refused by whoever unpacked it: its failure is answered', async () => {
    const { vault, expectUntouched } = await started();
    const unpack: UnpackBundle = async (sink) => {
      await bundleOf(second)(sink);
      return err({ kind: 'forged', what: 'bundle', code: 'hash' });
    };
    expect(await vault.importBundle('b2', unpack)).toEqual({
      ok: false,
      error: { kind: 'forged', what: 'bundle', code: 'hash' },
    });
    await expectUntouched();
  });

  test('hits a bug of whoever unpacks, or of what commits with it: it is thrown on, and nothing is left', async () => {
    const { vault, expectUntouched } = await started();
    const unpack = stepwise((batch) => {
      if (batch === 2) throw new Error('a bug');
    });
    await expect(vault.importBundle('b2', unpack)).rejects.toThrow('a bug');
    const also = () => {
      throw new Error('another bug');
    };
    await expect(vault.importBundle('b2', bundleOf(second), { also })).rejects.toThrow('another bug');
    await expectUntouched();
  });

  test('meets a full disk, and whoever unpacks says that all is well: the full disk is answered', async () => {
    const { vault, failing, expectUntouched } = await started();
    const unpack: UnpackBundle = async (sink) => {
      const deaf: BundleSink = {
        begin: (metadata) => sink.begin(metadata),
        identities: (dictionary) => sink.identities(dictionary).catch(() => undefined),
        batch: (columns) => sink.batch(columns).catch(() => undefined),
      };
      return bundleOf(second, { batchRows: 30 })(deaf);
    };
    failing.failAfter(0, 'full', 1);
    expect(await vault.importBundle('b2', unpack)).toEqual({ ok: false, error: { kind: 'storage-full' } });
    failing.heal();
    await expectUntouched();
  });
});

describe('while an import is under way', () => {
  test('queries answer from before it, and triage is durable at once', async () => {
    const { backend, vault } = await started();
    const [touched] = first as [Finding];
    let during = 0;
    const unpack = stepwise(async () => {
      during++;
      expect(vault.query(ALL).total).toBe(60);
      value(await vault.triage([touched.id], [{ field: 'owner', owner: `ann ${during}` }]));
      expect(value(await vault.detail(touched.id)).status.owner).toBe(`ann ${during}`);
      // A copy of what is at rest at this moment, as a crash would leave it.
      const crashed = createMemoryBackend();
      for (const table of VAULT_TABLES)
        for (const [id, row] of backend.tables[table]) crashed.tables[table].set(id, row);
      for (const [name, bytes] of backend.segments.files) crashed.segments.files.set(name, bytes);
      expect(states(await reopen(crashed)).filter((state) => state === `new ann ${during}`)).toHaveLength(1);
      expect(crashed.segments.files.size).toBe(2);
    });
    value(await vault.importBundle('b2', unpack));
    expect(during).toBe(2);
    expect(vault.query(ALL).total).toBe(150);
    expect(value(await vault.detail(touched.id)).status.owner).toBe('ann 2');
  });

  test('operations that came before their findings hold once these arrive', async () => {
    const { vault } = await started();
    const [late] = second as [Finding];
    const operation = {
      id: 'AAAAAAAAAAAAAAAAAAAAAQ',
      findingId: late.id,
      change: { field: 'owner', owner: 'elsewhere' },
      device: 'other',
      hlc: [5, 0],
    } as const;
    const unpack = stepwise(async (batch) => {
      if (batch === 1) expect(value(await vault.absorb([operation]))).toBe(1);
    });
    value(await vault.importBundle('b2', unpack));
    expect(value(await vault.detail(late.id)).status.owner).toBe('elsewhere');
    expect(states(vault).filter((state) => state.endsWith('elsewhere'))).toHaveLength(1);
  });

  test('a second import waits for it, and the same bundle twice at once is taken once', async () => {
    const { vault } = await started();
    const [one, other, again] = await Promise.all([
      vault.importBundle('b2', bundleOf(second)),
      vault.importBundle('b3', bundleOf(first)),
      vault.importBundle('b2', bundleOf(second)),
    ]);
    expect(one).toMatchObject({ value: { added: 90 } });
    expect(other).toMatchObject({ value: { added: 0, merged: 60 } });
    expect(again).toMatchObject({ error: { kind: 'already-done' } });
    expect(vault.query(ALL).total).toBe(150);
  });

  test('a bundle without findings counts as received', async () => {
    const { backend, vault } = await started();
    expect([...splitBatches(columnsOf([], 'masked'))]).toEqual([]);
    expect(value(await vault.importBundle('b2', bundleOf([])))).toMatchObject({ findings: 0, added: 0 });
    expect((await reopen(backend)).bundles()).toHaveLength(2);
    expect(await vault.importBundle('b2', bundleOf([]))).toMatchObject({ error: { kind: 'already-done' } });
    // Identities that no row names.
    const unpack: UnpackBundle = async (sink) => {
      await sink.identities(columnsOf(second, 'masked').identity.dictionary);
      return bundleOf([], { isAhead: false })(sink);
    };
    expect(value(await vault.importBundle('b3', unpack))).toMatchObject({ findings: 0, added: 0 });
    expect(backend.segments.files.size).toBe(2);
  });
});
