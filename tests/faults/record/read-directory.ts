/** The directory of the only deployment of a server that runs in this process. */
import type { Deps } from '@sealpost/server/src/deps.ts';
import { allDeployments } from '@sealpost/server/src/store/deployments.ts';
import type { Directory } from '@sealpost/shared/sealed/directory/model';
import { parseSid } from '@sealpost/shared/sealed/envelope/statement';

export async function readDirectory(deps: Deps): Promise<Directory> {
  const [only] = await allDeployments(deps.reader);
  const deployment = parseSid(only?.id ?? '');
  const directory = deployment === null ? null : await deps.directories.current(deployment);
  if (directory === null) throw new Error('no deployment');
  return directory;
}
