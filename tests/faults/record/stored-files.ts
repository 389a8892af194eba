/** Sealed files as they lie on a server's disk, hashed: what its own answers say of them proves nothing. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerProcess } from './server-process.ts';

/** How many of these files (SHA-256 in base64url) are not there, and how many have other bytes than their name says. */
export async function judgeFiles(
  server: ServerProcess,
  deployment: string,
  names: Iterable<string>,
): Promise<{ readonly gone: number; readonly torn: number }> {
  const hex = (id: string): string => Buffer.from(id, 'base64url').toString('hex');
  const folder = join(server.folder, 'data', 'blobs', hex(deployment));
  let [gone, torn] = [0, 0];
  for (const sha256 of names) {
    const name = hex(sha256);
    const bytes = await readFile(join(folder, name.slice(0, 2), name)).catch(() => null);
    if (bytes === null) gone += 1;
    else if (createHash('sha256').update(bytes).digest('base64url') !== sha256) torn += 1;
  }
  return { gone, torn };
}
