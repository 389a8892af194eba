/** `release-key`: the key pair of whoever makes releases. `release`: the signed list of what a build consists of, put beside it. */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '@sealpost/shared/base/bytes';
import { generateSigningSecret, importSigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import { sha256 } from '@sealpost/shared/sealed/crypto/hash';
import { formatRelease, RELEASE_PATH, RELEASE_SIGNATURE_PATH } from '@sealpost/shared/sealed/release/manifest';
import type { ReleaseFile } from '@sealpost/shared/sealed/release/manifest';
import { formatMinisignKey, keyName, signMinisign } from '@sealpost/shared/sealed/release/minisign';
import { isPassphraseStrongEnough } from '@sealpost/shared/opened/client/passphrase-strength';
import type { Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { errorText } from '../error-text.ts';
import { openMinisignSecret, sealMinisignSecret } from '../minisign-secret.ts';
import { readPassphrase } from '../passphrase.ts';
import { PrivateFile } from '../private-file.ts';

const PASSPHRASE = { 'passphrase-file': HOME_OPTIONS['passphrase-file'] } as const;

export const releaseKey: Command = {
  name: 'release-key',
  summary: 'make the key that signs releases: NAME.key under a passphrase, NAME.pub to hand out; minisign reads both',
  operands: { usage: 'NAME', least: 1, most: 1 },
  options: PASSPHRASE,
  async run(call, io) {
    const name = io.path(call.operands[0] ?? '');
    if ((await readFile(`${name}.key`).catch(() => null)) !== null) throw new Failure(`${name}.key is there already`);
    const passphrase = await readPassphrase(call, io, true);
    if (!isPassphraseStrongEnough(passphrase)) throw new Failure(errorText({ kind: 'weak-passphrase' }));
    const secret = { ...(await generateSigningSecret()), keyId: new Uint8Array(randomBytes(8)) };
    await save(`${name}.key`, await sealMinisignSecret(secret, passphrase, randomBytes(32)));
    await writeFile(`${name}.pub`, formatMinisignKey(secret));
    await io.json({ key: keyName(secret.keyId), public: formatMinisignKey(secret).split('\n')[1] });
    io.say(`hand out ${name}.pub by another way than the server; keep ${name}.key away from it`);
  },
};

export const release: Command = {
  name: 'release',
  summary: 'list every file of a build with size and SHA-256, sign the list, and put both beside the files',
  operands: { usage: 'FOLDER', least: 1, most: 1 },
  options: {
    key: { type: 'string', required: true, value: 'FILE', help: 'secret key, by release-key or minisign' },
    version: { type: 'string', required: true, value: 'X.Y.Z', help: 'of the release' },
    released: {
      type: 'string',
      value: 'TIME',
      help: 'as 2026-11-26T20:00:00Z, of two releases the later is the newer; now if not given',
    },
    ...PASSPHRASE,
  },
  async run(call, io) {
    const folder = io.path(call.operands[0] ?? '');
    const text = await readFile(io.path(call.must('key')), 'utf8').catch(() => {
      throw new Failure(`${call.must('key')} cannot be read`);
    });
    const version = call.must('version');
    if (!/^\d+\.\d+\.\d+[0-9A-Za-z.+-]{0,30}$/.test(version)) throw new Failure('--version is one such as 1.2.0', 2);
    const opened = await openMinisignSecret(text, () => readPassphrase(call, io));
    if (!opened.ok) throw new Failure(SECRET_ERRORS[opened.error.kind]);
    const files = await filesOf(folder);
    if (!files.some(({ path }) => path === '/index.html')) throw new Failure(`${folder} holds no built app`);
    const released = Math.floor(Date.parse(call.text('released') ?? new Date().toISOString()) / 1000);
    if (!(released > 0)) throw new Failure('--released is a time such as 2026-11-26T20:00:00Z', 2);
    const list = formatRelease({ v: 1, app: 'sealpost', version, released: released as never, files });
    const comment = `sealpost ${version}, ${files.length} files, released ${new Date(released * 1000).toISOString()}`;
    const signature = await signMinisign(list, comment, await importSigningKey(opened.value), opened.value.keyId);
    for (const [path, content] of [
      [RELEASE_PATH, list],
      [RELEASE_SIGNATURE_PATH, signature],
    ] as const)
      await writeFile(join(folder, path), content).catch(() => {
        throw new Failure(`${join(folder, path)} cannot be written`);
      });
    await io.json({
      version,
      released,
      files: files.length,
      sha256: toHex(sha256(list)),
      key: keyName(opened.value.keyId),
    });
  },
};

const SECRET_ERRORS = {
  malformed: 'the secret key is no minisign key',
  'wrong-passphrase': 'wrong passphrase',
  'too-costly': 'the secret key asks for more than 2 GiB of memory',
} as const;

/** Every file below `folder` but the list itself, its signature, and compressed forms of files that are there plain. */
async function filesOf(folder: string): Promise<readonly ReleaseFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => {
    throw new Failure(`${folder} cannot be read`);
  });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replaceAll('\\', '/'));
  const all = new Set(paths);
  const listed = paths.filter(
    (path) =>
      path !== RELEASE_PATH &&
      path !== RELEASE_SIGNATURE_PATH &&
      !(/\.(br|gz)$/.test(path) && (all.has(path.slice(0, -3)) || path.startsWith(RELEASE_PATH))),
  );
  const files: ReleaseFile[] = [];
  for (const path of listed.sort((a, b) => (a < b ? -1 : 1))) {
    const bytes = new Uint8Array(await readFile(join(folder, path)));
    files.push({ path, size: bytes.length, sha256: toHex(sha256(bytes)) });
  }
  return files;
}

async function save(path: string, text: string): Promise<void> {
  const file = await PrivateFile.create(path);
  await file.write(new TextEncoder().encode(text));
  await file.commit();
}
