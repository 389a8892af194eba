/**
 * Transfers cut at many offsets, the whole way there and the whole way back, by a line that breaks or a server that is killed: the
 * client's own upload and download go on where they stood, and what ends is byte for byte what began.
 */
import { createHash } from 'node:crypto';
import { processPorts } from '../../../shared/cli/src/network.ts';
import { uploadBlob } from '@sealpost/shared/opened/client/blob-upload';
import { downloadBlob } from '@sealpost/shared/opened/client/blob-download';
import { SignedHttp } from '@sealpost/shared/opened/client/http';
import type { FileLine } from '@sealpost/shared/opened/client/http';
import type { SigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import { BLOB_PART_BYTES } from '@sealpost/shared/sealed/wire/limits';
import { send, setUp } from '../../integration/scene.ts';
import type { Scene } from '../../integration/scene.ts';
import { faultLine } from '../record/fault-line.ts';
import type { FaultLine } from '../record/fault-line.ts';
import { ServerProcess } from '../record/server-process.ts';
import { CutLine } from './cut-line.ts';
import { fileOf, listFile } from './list-file.ts';

/** Two parts, the second a short one. */
const FILE_BYTES = BLOB_PART_BYTES + 700_000;
/** Each so many rounds, and in the last one, the server is killed, too. */
const KILL_EVERY = 10;
/** Calls after which a transfer counts as lost. */
const CALLS = 8;

/** An upload and a download, each cut once, in each of `rounds` rounds; the offsets are spread over the whole file. */
export async function resume(rounds: number): Promise<FaultLine> {
  const server = await ServerProcess.prepare();
  const line = await CutLine.to(server.port);
  const environment = { PUBLIC_ORIGINS: `${server.origin},${line.origin}` };
  let [acked, lost, torn, killed] = [0, 0, 0, 0];
  try {
    await server.start({ environment });
    const scene = await setUp(server.origin);
    const { org, device } = await scene.enrol();
    const listed = fileOf(FILE_BYTES);
    await listFile(scene, org, listed);
    const operator = lineOf(line, scene, scene.operator);

    for (let round = 0; round < rounds; round++) {
      const at = Math.floor((FILE_BYTES * (round + 0.5)) / rounds);
      let back: Promise<void> = Promise.resolve();
      const restart = async (): Promise<void> => {
        killed += 1;
        await server.kill('SIGKILL');
        await server.start({ environment });
      };
      const onCut = (): void => {
        if (round % KILL_EVERY === KILL_EVERY - 1 || round === rounds - 1) back = restart();
      };
      const file = fileOf(FILE_BYTES);
      line.cutAfter('up', at, onCut);
      const sent = await untilDone(
        () => uploadBlob(operator, file.sha256, file.bytes, () => undefined),
        () => back,
      );
      if (sent) {
        acked += 1;
        const head = await send(scene.origin, scene.operator, { method: 'HEAD', path: scene.at.blob(file.sha256) });
        if (head.status !== 200 || Number(head.headers.get('content-length')) !== FILE_BYTES) lost += 1;
      } else lost += 1;

      line.cutAfter('down', at, onCut);
      const reader = lineOf(line, scene, device);
      let came = '';
      const got = await untilDone(
        async () => {
          came = await hashOfDownload(reader, listed.sha256);
          return { ok: came !== '' };
        },
        () => back,
      );
      if (!got) lost += 1;
      else if (came !== listed.sha256) torn += 1;
    }
    // a cut that never came would prove nothing
    const missed = 2 * rounds - line.cuts;
    return faultLine('resume', rounds, { acked, lost, torn, gaps: missed, attacks: line.cuts + killed });
  } finally {
    await line.close();
    await server.remove();
  }
}

/** Calls again, as the next synchronisation would, once the server is `back`. */
async function untilDone(
  transfer: () => Promise<{ readonly ok: boolean }>,
  back: () => Promise<void>,
): Promise<boolean> {
  for (let call = 0; call < CALLS; call++) {
    const done = await transfer();
    await back();
    if (done.ok) return true;
  }
  return false;
}

/** SHA-256 of what comes; empty if it broke off for good. */
async function hashOfDownload(reader: FileLine, sha256: string): Promise<string> {
  const hash = createHash('sha256');
  const download = downloadBlob(reader, sha256, FILE_BYTES, () => undefined);
  try {
    for (let piece = await download.next(); piece !== null; piece = await download.next()) hash.update(piece);
  } catch {
    return '';
  }
  return hash.digest('base64url');
}

/** What a device has of a session when it moves files, over `line`. */
function lineOf(line: CutLine, scene: Scene, signer: SigningKey): FileLine {
  return { http: new SignedHttp(processPorts(), line.origin, signer), identity: { deployment: scene.deployment } };
}
