/** `server backup` and `server restore`: a server's data folder (SQLite and files), copied while it runs and put back. Opens nothing sealed. */
import { readdir } from 'node:fs/promises';
import type { Command } from '../command.ts';
import { Failure } from '../command.ts';
import { checkCopy, copyServer } from '../server-copy.ts';

export const serverBackup: Command = {
  name: 'server backup',
  summary: "copy a server's data folder while it runs; again into the same folder copies only what is new",
  operands: { usage: 'DATA_DIR COPY', least: 2, most: 2 },
  options: {},
  async run(call, io) {
    const [from = '', to = ''] = call.operands.map((operand) => io.path(operand));
    await copyServer(from, to);
    const copy = await checkCopy(to);
    io.say('It holds the keys that sign the log: keep it as safe as the server itself.');
    await io.json({ ...copy, folder: to });
  },
};

export const serverRestore: Command = {
  name: 'server restore',
  summary: 'make a data folder from a copy; every file is checked before and afterwards',
  operands: { usage: 'COPY DATA_DIR', least: 2, most: 2 },
  options: {},
  async run(call, io) {
    const [from = '', to = ''] = call.operands.map((operand) => io.path(operand));
    const there = await readdir(to).catch(() => []);
    if (there.length > 0) throw new Failure(`${to} is not empty: move it away, it may be evidence`);
    await checkCopy(from);
    await copyServer(from, to);
    const copy = await checkCopy(to);
    io.say(
      'Start the server over it, then an operator declares the restore (declare-restore): until then devices alarm.',
    );
    await io.json({ ...copy, folder: to });
  },
};
