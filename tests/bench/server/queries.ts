/** How many queries a request takes: counted in this process, at the connection that readers share. */
import { startTestServer } from '../../integration/test-server.ts';
import { send, setUp } from '../../integration/scene.ts';
import { listFiles, makeFile, putFile } from './mailbox.ts';

/** Queries of one poll and one download where a mailbox lists one file, and where it lists `many`. Throws unless both are the same. */
export async function queriesPerRequest(many: number): Promise<{ readonly poll: number; readonly download: number }> {
  const server = await startTestServer();
  let count = 0;
  const executor = server.server.deps.reader.getExecutor();
  const original = executor.executeQuery.bind(executor);
  executor.executeQuery = (...query) => {
    count += 1;
    return original(...query);
  };
  try {
    const scene = await setUp(server.origin);
    const counts: string[] = [];
    let result = { poll: 0, download: 0 };
    for (const size of [1, many]) {
      const agency = await scene.enrol();
      const files = Array.from({ length: size }, () => makeFile(100));
      for (const file of files) await putFile(scene, file, 1 << 20);
      const { path } = await listFiles(scene, agency, files);
      const counted = async (asked: string): Promise<number> => {
        count = 0;
        const answer = await send(scene.origin, agency.device, { method: 'GET', path: asked });
        await answer.arrayBuffer();
        if (answer.status !== 200 || count === 0) throw new Error(`${answer.status} after ${count} queries`);
        return count;
      };
      result = { poll: await counted(path), download: await counted(scene.at.blob(files[0]?.sha256 ?? '')) };
      counts.push(JSON.stringify(result));
    }
    if (new Set(counts).size !== 1) throw new Error(`queries grow with the mailbox: ${counts.join(', ')}`);
    return result;
  } finally {
    await server.stop();
  }
}
