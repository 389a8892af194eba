/** A file of made-up bytes on the server, listed for one organisation, so that its device may fetch it. */
import { createHash } from 'node:crypto';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { utf8 } from '@sealpost/shared/base/bytes';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { headsFor } from '@sealpost/shared/sealed/directory/roles';
import { signManifest } from '@sealpost/shared/sealed/mailbox/manifest';
import { BLOB_PART_BYTES } from '@sealpost/shared/sealed/wire/limits';
import { putManifest, random, send } from '../../integration/scene.ts';
import type { Enrolled, Scene } from '../../integration/scene.ts';

export interface MadeUpFile {
  readonly bytes: Bytes;
  readonly sha256: string;
}

/** `size` bytes that begin like a sealed file, others each time. */
export function fileOf(size: number): MadeUpFile {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) bytes.set(random(Math.min(65_536, size - at)), at);
  bytes.set(utf8('age-encryption.org/v1\n'));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('base64url') };
}

/** Uploads `file` as the operator and lists it in the first manifest for `org`. */
export async function listFile(scene: Scene, org: Enrolled['org'], file: MadeUpFile): Promise<void> {
  const { bytes, sha256 } = file;
  for (let offset = 0; offset < bytes.length; offset += BLOB_PART_BYTES) {
    const path = scene.at.blobPart(sha256, offset, bytes.length);
    const part = bytes.slice(offset, offset + BLOB_PART_BYTES);
    const answer = await send(scene.origin, scene.operator, { method: 'PUT', path, body: part });
    if (!answer.ok) throw new Error(`the upload of a listed file was answered with ${answer.status}`);
  }
  const item = { id: toBase64url(random(16)) as never, size: bytes.length, sha256, epoch: 1 };
  const heads = headsFor(await scene.directory(), org as never);
  const claims = { signer: scene.operator, heads, previous: null, items: [item], pages: [], seen: {} };
  const manifest = await signManifest({ ...claims, nowMs: Date.now() });
  const put = await putManifest(scene, scene.operator, org, manifest, null);
  if (!put.ok) throw new Error(`a manifest was answered with ${put.status}`);
}
