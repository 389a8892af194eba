/** Mailboxes for benches: made-up sealed files, listed by the operator in the feed of one organisation. */
import { createHash } from 'node:crypto';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { utf8 } from '@sealpost/shared/base/bytes';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { headsFor } from '@sealpost/shared/sealed/directory/roles';
import { signManifest } from '@sealpost/shared/sealed/mailbox/manifest';
import type { ManifestItem } from '@sealpost/shared/sealed/mailbox/manifest-claims';
import { putManifest, random, send } from '../../integration/scene.ts';
import type { Enrolled, Scene } from '../../integration/scene.ts';

/** One sealed file as far as a server can tell. `sha256`: base64url. */
export interface BenchFile {
  readonly bytes: Bytes;
  readonly sha256: string;
}

/** `size` bytes that begin like an age file; the rest is random. */
export function makeFile(size: number): BenchFile {
  const bytes = random(size);
  bytes.set(utf8('age-encryption.org/v1\n'));
  return { bytes, sha256: hashOf(bytes) };
}

/** SHA-256, base64url. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}

/** Puts the parts of a file, one after the other. Throws at a refusal. */
export async function putFile(scene: Scene, file: BenchFile, partBytes: number): Promise<void> {
  const size = file.bytes.length;
  for (let at = 0; at < size; at += partBytes) {
    const body = file.bytes.subarray(at, at + partBytes);
    const path = scene.at.blobPart(file.sha256, at, size);
    const { status } = await send(scene.origin, scene.operator, { method: 'PUT', path, body });
    if (status !== (at + body.length === size ? 201 : 202)) throw new Error(`a part was answered with ${status}`);
  }
}

/** The operator's first manifest in the mailbox of `to`; its path and ETag. */
export async function listFiles(
  scene: Scene,
  { org }: Enrolled,
  files: readonly BenchFile[],
): Promise<{ readonly path: string; readonly etag: string }> {
  const items = files.map(({ bytes, sha256 }): ManifestItem => ({
    id: toBase64url(random(16)) as never,
    size: bytes.length,
    sha256,
    epoch: 1,
  }));
  const manifest = await signManifest({
    signer: scene.operator,
    heads: headsFor(await scene.directory(), org),
    previous: null,
    items,
    pages: [],
    seen: {},
    nowMs: Date.now(),
  });
  const { status } = await putManifest(scene, scene.operator, org, manifest, null);
  if (status !== 201) throw new Error(`a manifest was answered with ${status}`);
  return { path: scene.at.manifest(org, scene.operator.kid), etag: `"${manifest.statement.sid}"` };
}
