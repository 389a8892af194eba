import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBase64, toBase64 } from '../../base/base64.ts';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { importSigningKey, signingSecretOfSeed } from '../crypto/ed25519.ts';
import { checkpointText, openCheckpoint, parseCheckpointText } from './checkpoint.ts';
import { leafHash } from './entry.ts';
import type { NoteKey, NoteSigner } from './note.ts';
import {
  encodeNote,
  encodeNoteKey,
  noteKeyId,
  parseNote,
  parseNoteKey,
  signNote,
  verifyNote,
  withSignature,
} from './note.ts';
import { parseEntryBundle, parseTilePath, tileOfNode, tilePath, tilesOf, widthIn } from './tile.ts';
import { encodeTlogProof, parseTlogProof } from './tlog-proof.ts';
import { appendLeaf, EMPTY_FRONTIER, rootOf } from './tree.ts';

/** The example of golang.org/x/mod/sumdb/note, whose form C2SP took over. */
const EXAMPLE_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const EXAMPLE_NOTE = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;
const TESSERA = join(import.meta.dirname, '../../../../../shared/vectors/tessera-log');

async function signerOf(seed: number, name: string, type: NoteKey['type']): Promise<NoteSigner> {
  const key = await importSigningKey(await signingSecretOfSeed(new Uint8Array(32).fill(seed)));
  return { name, type, publicKey: key.publicKey, sign: (message) => key.sign(message) };
}

describe('signed notes', () => {
  test('the published example verifies under the published key', async () => {
    const key = parseNoteKey(EXAMPLE_KEY);
    const note = parseNote(utf8(EXAMPLE_NOTE));
    if (key === null || !note.ok) throw new Error('unreadable');
    expect(encodeNoteKey(key)).toBe(EXAMPLE_KEY);
    expect(await verifyNote(note.value, [key])).toEqual([{ key, atSeconds: null }]);
    expect(fromUtf8(encodeNote(note.value))).toBe(EXAMPLE_NOTE);
  });

  test('a changed text, an unknown key and a bad line of a known key are told apart', async () => {
    const log = await signerOf(1, 'log.example/a', 'log');
    const other = await signerOf(2, 'log.example/a', 'log');
    const text = 'log.example/a\n1\nAAAA\n';
    const note = { text, signatures: [await signNote(text, log)] };
    expect(await verifyNote(note, [log])).toHaveLength(1);
    expect(await verifyNote({ ...note, text: 'log.example/a\n2\nAAAA\n' }, [log])).toBeNull();
    expect(await verifyNote(note, [other])).toEqual([]);
    const both = withSignature(note, await signNote(text, other));
    expect(await verifyNote(both, [log])).toHaveLength(1);
    expect(await verifyNote(both, [log, other])).toHaveLength(2);
    const [first] = both.signatures;
    if (first === undefined) throw new Error('no signature');
    const forged = { ...first, keyId: noteKeyId(other) };
    expect(await verifyNote({ text, signatures: [first, forged] }, [log, other])).toBeNull();
  });

  test('a witness signs text and time; neither can be changed, and a log key cannot stand in for it', async () => {
    const log = await signerOf(1, 'log.example/a', 'log');
    const witness = await signerOf(3, 'witness.example', 'witness');
    const text = 'log.example/a\n7\nAAAA\n';
    const line = await signNote(text, witness, 1_700_000_000);
    const note = { text, signatures: [await signNote(text, log), line] };
    expect(await verifyNote(note, [log, witness])).toEqual([
      { key: log, atSeconds: null },
      { key: witness, atSeconds: 1_700_000_000 },
    ]);
    const later = line.signature.slice();
    later[7] = (later[7] as number) ^ 1;
    expect(await verifyNote({ text, signatures: [{ ...line, signature: later }] }, [witness])).toBeNull();
    expect(await verifyNote(note, [{ ...witness, type: 'log' }])).toEqual([]);
    await expect(signNote(text, log, 5)).rejects.toThrow('for witnesses only');
  });

  test.each([
    ['no empty line', 'text\n— a AAAAAAA=\n'],
    ['no newline at the end', 'text\n\n— a AAAAAAA='],
    ['a control character', 'te\u0007xt\n\n— a AAAAAAA=\n'],
    ['no signature', 'text\n\n'],
    ['a line that is none', 'text\n\n- a AAAAAAA=\n'],
    ['sloppy base64', 'text\n\n— a AAAAAAB=\n'],
    ['a name with plus', 'text\n\n— a+b AAAAAAA=\n'],
    ['a key id alone', 'text\n\n— a AAAAAA==\n'],
  ])('%s is no note', (_, text) => {
    expect(parseNote(utf8(text)).ok).toBe(false);
  });

  test('any bytes are read or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary', maxLength: 60 }), (bytes, text) => {
        parseNote(bytes);
        parseNoteKey(text);
        parseTlogProof(bytes);
        parseTilePath(text);
        parseCheckpointText(text);
        expect(parseEntryBundle(bytes)?.reduce((sum, entry) => sum + 2 + entry.length, 0) ?? bytes.length).toBe(
          bytes.length,
        );
      }),
    );
  });
});

describe('checkpoints', () => {
  const root = new Uint8Array(32).fill(7);

  test('a checkpoint opens for its own log only, and only with the log’s signature', async () => {
    const log = await signerOf(1, 'log.example/a', 'log');
    const witness = await signerOf(3, 'witness.example', 'witness');
    const text = checkpointText({ origin: 'log.example/a', size: 12, root });
    const line = await signNote(text, witness, 9);
    const bytes = encodeNote({ text, signatures: [await signNote(text, log), line] });
    const opened = await openCheckpoint(bytes, 'log.example/a', log, [witness]);
    expect(opened).toMatchObject({ ok: true, value: { size: 12, root, witnesses: [{ atSeconds: 9 }] } });
    expect(await openCheckpoint(bytes, 'log.example/b', log)).toEqual({ ok: false, error: { kind: 'other-log' } });
    const alone = encodeNote({ text, signatures: [line] });
    expect(await openCheckpoint(alone, 'log.example/a', log, [witness])).toEqual({
      ok: false,
      error: { kind: 'unsigned' },
    });
  });

  test.each(['o\n01\nAAAA\n', 'o\n-1\nAAAA\n', 'o\n1\nAAAA\n', '\n1\n', 'o\n9007199254740993\n'])(
    '%j is no checkpoint',
    (text) => {
      expect(parseCheckpointText(text)).toBeNull();
    },
  );

  test('extension lines are allowed', () => {
    expect(parseCheckpointText(`o\n3\n${toBase64(root)}\nmore\n`)).toEqual({ origin: 'o', size: 3, root });
  });
});

describe('tiles and proof files', () => {
  test('paths are those of the specification, both ways', () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(tilePath({ level: 'entries', index: 5, width: 12 })).toBe('tile/entries/005.p/12');
    expect(parseTilePath('1/x001/000.p/7')).toEqual({ level: 1, index: 1000, width: 7 });
    for (const path of ['0/5', '0/x000/005', '0/005.p/256', '0/005.p/0', '64/000', '00/000', '0/000/']) {
      expect([path, parseTilePath(path)]).toEqual([path, null]);
    }
  });

  test('a tree of 70,000 leaves has the tiles of the specification’s example', () => {
    const tiles = [...tilesOf(70_000)].filter(({ level }) => level !== 'entries');
    expect(tiles.filter(({ level, width }) => level === 0 && width === 256)).toHaveLength(273);
    expect(tiles.filter(({ width }) => width < 256).map(({ level, width }) => [level, width])).toEqual([
      [0, 112],
      [1, 17],
      [2, 1],
    ]);
    expect(widthIn(70_000, 0, 273)).toBe(112);
    expect(widthIn(70_000, 0, 274)).toBe(0);
    expect(tileOfNode(9, 3)).toEqual({ level: 1, index: 0, above: 1, first: 6 });
  });

  test('a proof file comes back as it was written', () => {
    const proof = { extra: utf8('x'), index: 5, hashes: [new Uint8Array(32).fill(1)], checkpoint: utf8(EXAMPLE_NOTE) };
    expect(parseTlogProof(encodeTlogProof(proof))).toEqual(proof);
    const bare = { extra: null, index: 0, hashes: [], checkpoint: utf8(EXAMPLE_NOTE) };
    expect(parseTlogProof(encodeTlogProof(bare))).toEqual(bare);
  });
});

describe.skipIf(!existsSync(TESSERA))(
  'a log of another implementation (skipped where ../shared/vectors is not there)',
  () => {
    test('every entry bundle hashes to its tile, and every checkpoint names the root that we compute', () => {
      const last = parseCheckpointText(readFileSync(join(TESSERA, 'checkpoint'), 'utf8'));
      const size = last?.size ?? 0;
      expect(size).toBe(15);
      const bundle = parseEntryBundle(
        readFileSync(join(TESSERA, tilePath({ level: 'entries', index: 0, width: size }))),
      );
      const tile = readFileSync(join(TESSERA, tilePath({ level: 0, index: 0, width: size })));
      const roots = [rootOf(EMPTY_FRONTIER)];
      let frontier = EMPTY_FRONTIER;
      bundle?.forEach((entry, i) => {
        const leaf = leafHash(entry);
        expect(leaf).toEqual(new Uint8Array(tile.subarray(32 * i, 32 * i + 32)));
        frontier = appendLeaf(frontier, leaf).frontier;
        roots.push(rootOf(frontier));
      });
      const checkpoints = readdirSync(TESSERA).filter((name) => name.startsWith('checkpoint'));
      expect(checkpoints.length).toBeGreaterThan(15);
      for (const name of checkpoints) {
        const note = parseNote(readFileSync(join(TESSERA, name)));
        const checkpoint = note.ok ? parseCheckpointText(note.value.text) : null;
        expect(checkpoint?.origin).toBe('example.com/log/testdata');
        expect(checkpoint?.root).toEqual(roots[checkpoint?.size ?? -1]);
      }
      expect(parseBase64('AA==')).toEqual(new Uint8Array(1));
    });
  },
);
