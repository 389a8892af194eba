/** `cert-init`: sets up a CERT on a server: keys made here, the root key in a file of its own. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCert } from '@sealpost/shared/opened/client/create-cert';
import { openClient } from '@sealpost/shared/opened/client/client';
import { isPassphraseStrongEnough } from '@sealpost/shared/opened/client/passphrase-strength';
import type { Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { errorText, orFail } from '../error-text.ts';
import { makeHome } from '../home.ts';
import { newIdentityId } from '../identity-id.ts';
import { parseOrigin } from '../origin.ts';
import { readPassphrase, readPassphraseFile } from '../passphrase.ts';
import { writePrivate } from '../private-file.ts';

const ROOT_FILE = 'root.age';

export const certInit: Command = {
  name: 'cert-init',
  summary: 'set up a CERT: makes its keys and registers it with a server',
  operands: { usage: '', least: 0, most: 0 },
  options: {
    ...HOME_OPTIONS,
    server: { type: 'string', required: true, value: 'URL', help: 'where the server answers' },
    name: { type: 'string', value: 'TEXT', help: 'name of the CERT (default "CERT")' },
    'name-th': { type: 'string', value: 'TEXT', help: 'its Thai name (default: the same)' },
    'setup-token': {
      type: 'string',
      value: 'TOKEN',
      help: 'printed at the server’s first start; not needed on its machine',
    },
    'root-passphrase-file': { type: 'string', value: 'FILE', help: 'passphrase of the root file (default: the same)' },
  },
  async run(call, io) {
    const origin = parseOrigin(call.must('server'));
    const rootPath = join(io.path(call.must('home')), ROOT_FILE);
    if (existsSync(rootPath)) throw new Failure(`${rootPath} is there already: a root file is never overwritten`);
    const passphrase = await readPassphrase(call, io, true);
    const rootFile = call.text('root-passphrase-file');
    const rootPassphrase = rootFile === null ? passphrase : await readPassphraseFile(io.path(rootFile), rootFile);
    if (!isPassphraseStrongEnough(rootPassphrase)) throw new Failure(errorText({ kind: 'weak-passphrase' }));
    const nameEn = call.text('name') ?? 'CERT';
    await makeHome(call, io, passphrase, async (store, ports) => {
      const made = orFail(
        await createCert(store, ports, newIdentityId(ports), {
          nameTh: call.text('name-th') ?? nameEn,
          nameEn,
          origin,
          setupToken: call.text('setup-token'),
          passphrase,
          rootPassphrase,
          demo: false,
        }),
      );
      await writePrivate(rootPath, made.rootFile.bytes);
      const { client } = orFail(await openClient(store, ports));
      // Read back from the disk once: a root file that does not open is found now, not when it is needed.
      orFail(await client.proveRootFile(new Uint8Array(await readFile(rootPath)), rootPassphrase));
      const synced = await client.sync(() => undefined);
      if (!synced.ok) io.say(`not all was sent yet: ${errorText(synced.error)}`);
      const profile = await client.profile();
      io.say(
        `The root key is in ${rootPath}: move it to a medium that is kept offline, with its passphrase apart from it.`,
      );
      await io.json({
        deployment: profile.deployment,
        server: origin,
        device: profile.device,
        rootDigits: profile.rootDigits?.join(' ') ?? null,
        rootFile: rootPath,
      });
    });
  },
};
