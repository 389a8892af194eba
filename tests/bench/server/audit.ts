/** Signed events into one or several server processes, every signature checked, durable before each answer. */
import { BATCH, prepareLoad, sendLoad } from './audit-load.ts';
import type { Load } from './audit-load.ts';
import type { Print } from './delivery.ts';
import type { ServerProcess } from '../../faults/record/server-process.ts';
import type { Scene } from '../../integration/scene.ts';

/** Writers, each with a device and a connection of its own. */
export const WRITERS = 8;

/** Sends `events` to all `servers` in equal shares; the seconds it took. `before` runs once all is warm. */
export async function measureAudit(
  scene: Scene,
  servers: readonly ServerProcess[],
  events: number,
  print: Print,
  before: () => void = () => undefined,
): Promise<{ readonly taken: number; readonly seconds: number }> {
  process.stderr.write(`signing ${events} events…\n`);
  const scenes = servers.map(({ origin }) => ({ ...scene, origin }));
  const prepare = async (count: number): Promise<Load[]> => {
    const loads: Load[] = []; // one after the other: each enrols devices behind the last ones
    for (const one of scenes) loads.push(await prepareLoad(one, WRITERS / servers.length, count / servers.length));
    return loads;
  };
  const send = async (loads: readonly Load[]): Promise<number> => {
    const taken = await Promise.all(loads.map((load, at) => sendLoad(scenes[at] ?? scene, load)));
    return taken.reduce((sum, some) => sum + some, 0);
  };
  // threads and code are warm after these: what is measured lasts
  await send(await prepare(WRITERS * 4 * BATCH));
  const loads = await prepare(events);
  before();
  const cpuMs = async (): Promise<number> => {
    const each = await Promise.all(servers.map((server) => server.cpuMs()));
    return each.reduce((sum, ms) => sum + ms, 0);
  };
  const cpuBefore = await cpuMs();
  const startedMs = performance.now();
  const taken = await send(loads);
  const seconds = (performance.now() - startedMs) / 1000;
  print('audit_events_per_s', Math.round(taken / seconds));
  print('server_cpu_us_per_event', Math.round((((await cpuMs()) - cpuBefore) * 1000) / taken));
  return { taken, seconds };
}
