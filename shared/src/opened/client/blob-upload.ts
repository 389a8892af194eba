/** A sealed file on its way to the server, in parts from where the server stands; on a line that breaks in the midst of parts, in smaller ones. */
import type { Bytes } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { BLOB_PART_BYTES } from '../../sealed/wire/limits.ts';
import { paths, UPLOAD_OFFSET_HEADER } from '../../sealed/wire/paths.ts';
import type { ClientError } from './api/client-error.ts';
import type { FileLine } from './http.ts';

/** A part that is cut is lost as a whole. Below this a line that cuts is no line. */
const LEAST_PART_BYTES = 256 * 1024;
/** How often the server may answer without having moved on. */
const STANDSTILLS = 3;

/**
 * Sends `bytes` under the name of their hash. The same file sent again is accepted without its bytes. A large part that was cut is
 * sent again as parts of an eighth; a small one ends the attempt, and the next call goes on from where the server stands.
 *
 * @returns `offline` where the line is gone, or the server's refusal.
 */
export async function uploadBlob(
  session: FileLine,
  sha256: string,
  bytes: Bytes,
  onProgress: (doneBytes: number) => void,
): Promise<Result<void, ClientError>> {
  const standing = await standingOf(session, sha256);
  if (!standing.ok) return standing;
  let offset = standing.value;
  let partBytes = BLOB_PART_BYTES;
  for (let standstills = 0; offset < bytes.length;) {
    const part = bytes.slice(offset, offset + partBytes);
    const sent = await session.http.ask({
      method: 'PUT',
      path: paths(session.identity.deployment).blobPart(sha256, offset, bytes.length),
      body: part,
      headers: { 'content-type': 'application/octet-stream' },
      accept: [409],
    });
    if (!sent.ok) {
      if (sent.error.kind !== 'offline' || part.length <= LEAST_PART_BYTES) return sent;
      // it may have arrived, and only the answer was lost
      const now = await standingOf(session, sha256);
      if (!now.ok) return now;
      offset = now.value;
      partBytes = Math.max(LEAST_PART_BYTES, partBytes / 8);
      continue;
    }
    const next = offsetOf(sent.value.headers);
    if (next <= offset && ++standstills > STANDSTILLS)
      return err({ kind: 'server', status: sent.value.status, code: 'conflict' });
    offset = next;
    partBytes = Math.min(BLOB_PART_BYTES, partBytes * 2);
    onProgress(offset);
  }
  return ok(undefined);
}

/** How much of the file the server has. */
async function standingOf({ http, identity }: FileLine, sha256: string): Promise<Result<number, ClientError>> {
  const head = await http.ask({ method: 'HEAD', path: paths(identity.deployment).blob(sha256), accept: [404, 410] });
  if (!head.ok) return head;
  return ok(head.value.status === 200 ? offsetOf(head.value.headers) : 0);
}

function offsetOf(headers: Readonly<Record<string, string>>): number {
  const offset = Number(headers[UPLOAD_OFFSET_HEADER] ?? '0');
  return Number.isSafeInteger(offset) && offset >= 0 ? offset : 0;
}
