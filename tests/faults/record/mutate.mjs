// Preloaded into a server process (`node --import`): changes one line of its source as it is read, to see whether the fault tests
// notice. MUTANT names the change; a line that is not there any more ends the process, so that no mutant dies unnoticed.
import { registerHooks } from 'node:module';

const MUTANTS = {
  'answer-before-commit': {
    file: '/server/src/log/sequencer.ts',
    from: 'return { ok: true, value, effects };',
    to: 'job.resolve(value); await new Promise((resolve) => setTimeout(resolve, 20)); return { ok: true, value, effects };',
  },
  'fsync-removed': {
    file: '/server/src/store/sqlite.ts',
    from: "database.pragma('synchronous = FULL');",
    to: "database.pragma('synchronous = OFF'); settingsAreNotRead = true;",
    also: [
      ['settings.synchronous !== FULL', 'false'],
      ['const FULL = 2;', 'const FULL = 2; let settingsAreNotRead = false;'],
    ],
  },
  'blob-fsync-removed': { file: '/server/src/blobs/disk.ts', from: 'await file.sync();', to: '' },
  'blob-folder-fsync-removed': { file: '/server/src/blobs/disk.ts', from: 'await syncFolder(folder);', to: '' },
  'tile-off-by-one': {
    file: '/server/src/store/log-tree.ts',
    from: ".where('position', '<', (index + 1) * TILE_WIDTH)",
    to: ".where('position', '<', (index + 1) * TILE_WIDTH - 1)",
  },
  'previous-hash-skipped': {
    file: '/shared/src/sealed/audit/continuity.ts',
    from: "? 'next' : 'fork'",
    to: "? 'next' : 'next'",
  },
};

const mutant = MUTANTS[process.env.MUTANT ?? ''];
if (mutant === undefined) throw new Error('MUTANT names no mutant');
let isApplied = false;
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith(mutant.file)) return loaded;
    let source = String(loaded.source);
    for (const [from, to] of [[mutant.from, mutant.to], ...(mutant.also ?? [])]) {
      if (!source.includes(from)) {
        process.stderr.write(`the mutant does not fit: ${from}\n`);
        process.exit(3);
      }
      source = source.replace(from, to);
    }
    isApplied = true;
    return { ...loaded, source };
  },
});
process.on('exit', () => {
  if (!isApplied) process.stderr.write('the mutant was not applied\n');
});
