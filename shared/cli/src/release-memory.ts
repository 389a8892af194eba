/** The newest release that was seen on a site, in a file of its caller: what makes a way back visible. */
import { readFile } from 'node:fs/promises';
import { isJsonObject, parseStrictJson } from '@sealpost/shared/base/strict-json';
import { Failure } from './command.ts';
import { PrivateFile } from './private-file.ts';

export interface SeenRelease {
  readonly version: string;
  /** Seconds. */
  readonly released: number;
  /** Of the list, hexadecimal. */
  readonly sha256: string;
}

/** What was remembered, `null` if there is no file yet. A damaged file ends the command: it may have been damaged on purpose. */
export async function recallRelease(path: string): Promise<SeenRelease | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new Failure(`${path} cannot be read`);
  });
  if (text === null) return null;
  const json = parseStrictJson(text, 4096);
  const { version, released, sha256 } = json.ok && isJsonObject(json.value) ? json.value : {};
  if (typeof version !== 'string' || typeof released !== 'number' || typeof sha256 !== 'string')
    throw new Failure(`${path} is damaged: what was seen before is not known any more`);
  return { version, released, sha256 };
}

export async function rememberRelease(path: string, seen: SeenRelease): Promise<void> {
  const file = await PrivateFile.create(path);
  await file.line(JSON.stringify(seen));
  await file.commit();
}
