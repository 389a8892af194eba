/** A home: the folder of one identity. Its vault is one SQLite file whose rows are sealed; nothing else in it needs secrecy. */
import { existsSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openClient } from '@sealpost/shared/opened/client/client';
import type { OpenedClient } from '@sealpost/shared/opened/client/client';
import type { Ports } from '@sealpost/shared/opened/client/ports';
import { createVault, openVault } from '@sealpost/shared/opened/client/new-vault';
import { readIdentity } from '@sealpost/shared/opened/client/identity';
import type { FindingsVault } from '@sealpost/shared/opened/vault/findings-vault';
import type { Backend } from '@sealpost/shared/opened/vault/backend';
import type { SealedStore } from '@sealpost/shared/opened/vault/store';
import type { Call } from './command.ts';
import { Failure } from './command.ts';
import { orFail } from './error-text.ts';
import type { Io } from './io.ts';
import { processPorts } from './network.ts';
import { readPassphrase } from './passphrase.ts';
import { openSqliteBackend } from './sqlite-backend.ts';

const VAULT_FILE = 'vault.sqlite';

/** An open home. */
export interface Home extends OpenedClient {
  readonly folder: string;
}

/** An open home of an organisation. */
export interface OrganisationHome extends Home {
  readonly findings: FindingsVault;
}

/** Opens the home of `--home`, runs `work`, closes it. */
export async function withHome<T>(call: Call, io: Io, work: (home: Home) => Promise<T>): Promise<T> {
  const folder = io.path(call.must('home'));
  const path = join(folder, VAULT_FILE);
  if (!existsSync(path)) throw new Failure(`there is no Sealpost home in ${call.must('home')}`);
  const passphrase = await readPassphrase(call, io);
  const ports = processPorts();
  const backend = openBackend(path);
  try {
    const store = orFail(await openVault(backend, passphrase, ports.random));
    const opened = await openClient(store, ports);
    if (!opened.ok && opened.error.kind === 'not-found') {
      throw new Failure('the set-up of this home was never finished: run it again');
    }
    return await work({ ...orFail(opened), folder });
  } finally {
    await backend.close();
  }
}

/** `withHome` for what only a CERT can do. */
export function withOperator<T>(call: Call, io: Io, work: (home: Home) => Promise<T>): Promise<T> {
  return withHome(call, io, (home) => {
    if (!home.session.isOperator) throw new Failure('this home is an organisation’s: only a CERT’s can do that', 2);
    return work(home);
  });
}

/** `withHome` for what only an organisation can do. */
export function withOrganisation<T>(call: Call, io: Io, work: (home: OrganisationHome) => Promise<T>): Promise<T> {
  return withHome(call, io, (home) => {
    const { findings } = home;
    if (findings === null) throw new Failure('this home is a CERT’s: only an organisation’s can do that', 2);
    return work({ ...home, findings });
  });
}

/**
 * Makes a home, or goes on with one whose set-up was cut off. A home that is finished is refused. Where `setUp` fails, a new home
 * is removed again.
 */
export async function makeHome<T>(
  call: Call,
  io: Io,
  passphrase: string,
  setUp: (store: SealedStore, ports: Ports) => Promise<T>,
): Promise<T> {
  const folder = io.path(call.must('home'));
  const path = join(folder, VAULT_FILE);
  const ports = processPorts();
  const isNew = !existsSync(path);
  const isNewFolder = !existsSync(folder);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (isNewFolder) await chmod(folder, 0o700);
  } catch {
    throw new Failure(`the folder ${call.must('home')} cannot be made`);
  }
  const backend = openBackend(path);
  let isMade = false;
  try {
    const store = orFail(
      isNew ? await createVault(backend, passphrase, ports.random) : await openVault(backend, passphrase, ports.random),
    );
    if ((await readIdentity(store)).ok) throw new Failure(`there is a finished home in ${call.must('home')} already`);
    const made = await setUp(store, ports);
    isMade = true;
    return made;
  } finally {
    await backend.close();
    if (isNew && !isMade) {
      for (const suffix of ['', '-wal', '-shm']) await rm(path + suffix, { force: true });
    }
  }
}

function openBackend(path: string): Backend {
  try {
    return openSqliteBackend(path);
  } catch {
    throw new Failure(`${path} cannot be opened, or is no vault`);
  }
}
