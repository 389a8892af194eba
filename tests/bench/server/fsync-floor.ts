/** The least that durability costs on this disk: as many appends as the server made, with one fsync for each group that came together. */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of a hundred events as SQLite writes them: rows, indices, frames. */
const BYTES_PER_REQUEST = 130_000;

/** Seconds for `requests` appends, an fsync after every `together`. */
export async function fsyncFloor(folder: string, requests: number, together: number): Promise<number> {
  const path = join(folder, 'floor');
  const handle = await open(path, 'w');
  const bytes = new Uint8Array(BYTES_PER_REQUEST);
  const startedMs = performance.now();
  for (let i = 0; i < requests; i++) {
    await handle.write(bytes);
    if (i % together === together - 1) await handle.datasync();
  }
  await handle.datasync();
  const seconds = (performance.now() - startedMs) / 1000;
  await handle.close();
  await rm(path);
  return seconds;
}
