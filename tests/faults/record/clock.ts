/**
 * Clocks wrong by ten years, of a device or of the server, forwards and back: devices get through and say that a clock is wrong, a
 * server deletes nothing by age, and a request of before is not taken again afterwards.
 */
import { processPorts } from '../../../shared/cli/src/network.ts';
import { SignedHttp } from '@sealpost/shared/opened/client/http';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { utf8 } from '@sealpost/shared/base/bytes';
import { sweep } from '@sealpost/server/src/sweep.ts';
import { EntryChain, entriesBody } from '../../integration/entry-chain.ts';
import { random, sealedFile, send, setUp, upload } from '../../integration/scene.ts';
import type { Scene, Sending } from '../../integration/scene.ts';
import { startTestServer } from '../../integration/test-server.ts';
import { faultLine } from './fault-line.ts';
import type { FaultLine } from './fault-line.ts';
import { judgeRecord, noneAcknowledged } from './writers.ts';
import type { Acknowledged } from './writers.ts';

const TEN_YEARS_MS = 10 * 365.25 * 86_400_000;

/** Each round: a device ten years ahead and one behind, a server ten years ahead and behind, and a replay after it came back. */
export async function clock(rounds: number): Promise<FaultLine> {
  const total = { acked: 0, lost: 0, gaps: 0, attacks: 0, undetected: 0 };
  for (let round = 0; round < rounds; round++) await oneRound(total);
  return faultLine('clock', rounds, total);
}

async function oneRound(total: {
  acked: number;
  lost: number;
  gaps: number;
  attacks: number;
  undetected: number;
}): Promise<void> {
  let offsetMs = 0;
  const server = await startTestServer({ now: () => Date.now() + offsetMs, report: () => undefined });
  try {
    const scene = await setUp(server.origin);
    const demo = await setUp(server.origin, { demo: true });
    const acknowledged = noneAcknowledged();
    const chain = new EntryChain((await scene.enrol()).device, scene.deployment);
    const kept = await sealedFile(1000);
    await upload(scene, scene.operator, kept);
    const begun = await sealedFile(5000);
    const part = { method: 'PUT', path: scene.at.blobPart(begun.sha256, 0, begun.bytes.length) };
    await send(scene.origin, scene.operator, { ...part, body: begun.bytes.slice(0, 3000) });
    const played: Sending & { readonly nonce: string; readonly nowMs: number } = {
      method: 'POST',
      path: scene.at.invitations(),
      body: { invitations: [{ token: toBase64url(random(32)), exp: Math.floor(Date.now() / 1000) + 86_400 }] },
      nonce: toBase64url(random(16)),
      nowMs: Date.now(),
    };
    const first = await send(scene.origin, scene.operator, played);
    if (!first.ok) throw new Error(`an invitation was answered with ${first.status}`);

    for (const [deviceMs, serverMs] of [
      [TEN_YEARS_MS, 0],
      [-TEN_YEARS_MS, 0],
      [0, TEN_YEARS_MS],
      [0, -TEN_YEARS_MS],
    ] as const) {
      offsetMs = serverMs;
      total.attacks += 1;
      if (!(await postFrom(scene, chain, deviceMs, acknowledged))) total.undetected += 1;
      for (let hour = 0; hour < 3; hour++) await sweep(server.server.deps, false);
    }
    offsetMs = 0;
    await sweep(server.server.deps, false);
    total.attacks += 1;
    if ((await send(scene.origin, scene.operator, played)).status !== 401) total.undetected += 1;

    const file = await send(scene.origin, scene.operator, { method: 'HEAD', path: scene.at.blob(kept.sha256) });
    const upTo = await send(scene.origin, scene.operator, { method: 'HEAD', path: scene.at.blob(begun.sha256) });
    const chains = await fetch(`${scene.origin}${demo.at.chains()}`);
    const isThere = [file.status === 200, upTo.headers.get('upload-offset') === '3000', chains.status === 200];
    const verdict = await judgeRecord(scene, acknowledged);
    total.acked += acknowledged.indices.size + isThere.length;
    total.lost += verdict.lost + isThere.filter((there) => !there).length;
    total.gaps += verdict.gaps + acknowledged.bad;
  } finally {
    await server.stop();
  }
}

/** Posts two entries by a device whose clock is off by `deviceMs`; true if they were taken and the device knows that a clock is wrong. */
async function postFrom(
  scene: Scene,
  chain: EntryChain,
  deviceMs: number,
  acknowledged: Acknowledged,
): Promise<boolean> {
  const ports = { ...processPorts(), nowMs: () => Date.now() + deviceMs };
  const http = new SignedHttp(ports, scene.origin, chain.signer);
  const made = await chain.next(2);
  const body = utf8(JSON.stringify(entriesBody(made)));
  const answer = await http.ask({ method: 'POST', path: scene.at.audit(), body });
  if (!answer.ok) return false;
  const { indices } = JSON.parse(Buffer.from(answer.value.body).toString('utf8')) as { indices: number[] };
  for (const [at, { entry }] of made.entries()) acknowledged.indices.set(toBase64url(entry), indices[at] ?? -1);
  return http.isClockOff;
}
