/** `verify-site`: what a server serves, compared with the signed list of a release, file by file. Needs no home and no account. */
import { readFile } from 'node:fs/promises';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { toHex } from '@sealpost/shared/base/bytes';
import { sha256 } from '@sealpost/shared/sealed/crypto/hash';
import { parseRelease, RELEASE_PATH, RELEASE_SIGNATURE_PATH } from '@sealpost/shared/sealed/release/manifest';
import type { Release } from '@sealpost/shared/sealed/release/manifest';
import { keyName, parseMinisignKey, verifyMinisign } from '@sealpost/shared/sealed/release/minisign';
import type { MinisignKey } from '@sealpost/shared/sealed/release/minisign';
import type { Command } from '../command.ts';
import { Failure } from '../command.ts';
import { toTerminal } from '../escape.ts';
import type { Io } from '../io.ts';
import { parseOrigin } from '../origin.ts';
import { recallRelease, rememberRelease } from '../release-memory.ts';
import { checkSite } from '../site-check.ts';
import { siteFetch } from '../site-fetch.ts';
import type { FetchPath } from '../site-fetch.ts';

export const verifySite: Command = {
  name: 'verify-site',
  summary: 'compare every file that a server serves with the signed list of a release',
  operands: { usage: 'URL', least: 1, most: 1 },
  options: {
    key: {
      type: 'string',
      required: true,
      value: 'KEY',
      help: 'public key of the releases: minisign file, or its line',
    },
    release: {
      type: 'string',
      value: 'FILE',
      help: 'list from elsewhere, FILE.minisig beside it; else the one that is served',
    },
    memory: { type: 'string', value: 'FILE', help: 'remembers the newest release seen, so that an older one is told' },
  },
  async run(call, io) {
    const origin = parseOrigin(call.operands[0] ?? '', 'URL');
    const key = await readKey(call.must('key'), io);
    const fetchPath = siteFetch(origin);
    const served = await servedRelease(fetchPath, key);
    const file = call.text('release');
    const wanted = file === null ? served : await fileRelease(file, key, io);
    if (file !== null && wanted.hash !== served.hash) {
      const age = served.release.released < wanted.release.released ? 'an older' : 'another';
      io.say(
        `the server has the list of ${age} release, ${nameOf(served.release)}; compared is ${nameOf(wanted.release)}`,
      );
    }
    const memory = call.text('memory');
    const known = memory === null ? null : await recallRelease(io.path(memory));
    if (known !== null && served.release.released < known.released)
      throw new Failure(
        `${nameOf(served.release)} is older than ${known.version}, which was seen before: somebody went back`,
      );
    if (known !== null && served.release.released === known.released && served.hash !== known.sha256)
      throw new Failure(
        `two different releases say that they are ${nameOf(served.release)}: the key may be in other hands`,
      );

    const report = await checkSite(wanted.release, fetchPath, (done, total) =>
      io.progress(`${done} of ${total} files`),
    );
    for (const { path, kind, detail } of report.differences) await io.json({ difference: kind, path, detail });
    const differences = report.differences.length + (wanted.hash === served.hash ? 0 : 1);
    const { version, released } = wanted.release;
    await io.json({
      site: origin,
      version,
      released,
      sha256: wanted.hash,
      release: wanted.id,
      files: report.files,
      api: report.api,
      differences,
    });
    if (report.api !== null) io.say(`the app is told to use the API at ${toTerminal(report.api)}`);
    if (differences > 0) throw new Failure(`the server does not serve this release: ${differences} differences`);
    if (memory !== null) await rememberRelease(io.path(memory), { version, released, sha256: wanted.hash });
    io.say(`every file is that of ${nameOf(wanted.release)}, signed by ${keyName(key.keyId)}`);
  },
};

interface SignedRelease {
  readonly release: Release;
  /** SHA-256 of the list. */
  readonly hash: string;
  /** How the server's audit entry `app_served` names it: the first half of that, in base64url. */
  readonly id: string;
}

async function readKey(text: string, io: Io): Promise<MinisignKey> {
  const direct = parseMinisignKey(text);
  if (direct !== null) return direct;
  const file = await readFile(io.path(text), 'utf8').catch(() => null);
  const key = file === null ? null : parseMinisignKey(file);
  if (key === null) throw new Failure('--key: neither a minisign public key nor a file with one', 2);
  return key;
}

async function servedRelease(fetchPath: FetchPath, key: MinisignKey): Promise<SignedRelease> {
  const parts: Uint8Array[] = [];
  for (const path of [RELEASE_PATH, RELEASE_SIGNATURE_PATH]) {
    const got = await fetchPath(path, 'identity');
    if (got.kind === 'unreachable') throw new Failure(`the server cannot be reached (${got.reason})`);
    if (got.status !== 200) throw new Failure(`the server has no ${path}: it serves no release, or hides which one`);
    parts.push(got.bytes);
  }
  const [list = new Uint8Array(0), signature = new Uint8Array(0)] = parts;
  return openRelease(list, new TextDecoder().decode(signature), key, 'the list that the server has');
}

async function fileRelease(name: string, key: MinisignKey, io: Io): Promise<SignedRelease> {
  const read = (path: string) =>
    readFile(path).catch(() => {
      throw new Failure(`${path} cannot be read`);
    });
  const [list, signature] = [await read(io.path(name)), await read(`${io.path(name)}.minisig`)];
  return openRelease(new Uint8Array(list), signature.toString('utf8'), key, name);
}

async function openRelease(
  list: Uint8Array,
  signature: string,
  key: MinisignKey,
  what: string,
): Promise<SignedRelease> {
  const verified = await verifyMinisign(list, signature, key);
  if (!verified.ok) {
    const why = {
      malformed: 'its signature is none',
      'other-key': 'it is signed by another key',
      'bad-signature': 'its signature does not hold',
    }[verified.error.kind];
    throw new Failure(`${what} is not that of ${keyName(key.keyId)}: ${why}`);
  }
  const release = parseRelease(list);
  if (!release.ok) throw new Failure(`${what} is signed but cannot be read: update this program`);
  const hash = sha256(list);
  return { release: release.value, hash: toHex(hash), id: toBase64url(hash.subarray(0, 16)) };
}

function nameOf({ version, released }: Release): string {
  return `${version} of ${new Date(released * 1000).toISOString().slice(0, 10)}`;
}
