/** `backup` and `restore`: a whole home in one file behind a passphrase. */
import { readFile } from 'node:fs/promises';
import { restoreBackup } from '@sealpost/shared/opened/client/backup';
import { makeBackup, proveBackup } from '@sealpost/shared/opened/client/backup';
import type { Call, Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { makeHome, withHome } from '../home.ts';
import { newIdentityId } from '../identity-id.ts';
import type { Io } from '../io.ts';
import { readPassphrase, readPassphraseFile } from '../passphrase.ts';
import { writePrivate } from '../private-file.ts';

const BACKUP_PASSPHRASE = {
  'backup-passphrase-file': {
    type: 'string',
    value: 'FILE',
    help: 'passphrase of the backup (default: that of the home)',
  },
} as const;

export const backup: Command = {
  name: 'backup',
  summary: 'write a backup of the whole home, and read it back once',
  operands: { usage: '', least: 0, most: 0 },
  options: {
    ...HOME_OPTIONS,
    ...BACKUP_PASSPHRASE,
    out: { type: 'string', value: 'FILE', help: 'where to write it (default: a name with the date, here)' },
  },
  async run(call, io) {
    const passphrase = await backupPassphrase(call, io, await readPassphrase(call, io));
    await withHome(call, io, async ({ session }) => {
      const made = orFail(await makeBackup(session, passphrase));
      const path = io.path(call.text('out') ?? made.name);
      await writePrivate(path, made.bytes);
      orFail(await proveBackup(session, new Uint8Array(await readFile(path)), passphrase));
      io.say('Keep it apart from this machine: whoever has it and its passphrase is this identity.');
      await io.json({ file: path, bytes: made.bytes.length });
    });
  },
};

export const restore: Command = {
  name: 'restore',
  summary: 'make a home from a backup; the old one must not be used any more',
  operands: { usage: 'FILE', least: 1, most: 1 },
  options: { ...HOME_OPTIONS, ...BACKUP_PASSPHRASE },
  async run(call, io) {
    const name = call.operands[0] as string;
    const bytes = await readFile(io.path(name)).catch(() => {
      throw new Failure(`${name} cannot be read`);
    });
    const passphrase = await readPassphrase(call, io, true);
    const ofBackup = await backupPassphrase(call, io, passphrase);
    await makeHome(call, io, passphrase, async (store, ports) => {
      orFail(await restoreBackup(store, newIdentityId(ports), new Uint8Array(bytes), ofBackup));
    });
    io.say('Restored. Use one of the two homes only: a copy that goes on by itself is an alarm in the audit log.');
    await io.json({ home: io.path(call.must('home')) });
  },
};

function backupPassphrase(call: Call, io: Io, fallback: string): Promise<string> | string {
  const file = call.text('backup-passphrase-file');
  return file === null ? fallback : readPassphraseFile(io.path(file), file);
}
