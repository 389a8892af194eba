/**
 * `sealpost`: the entry. Compiled code is kept beside the repository's other caches, which halves the start of a command; the rest is
 * loaded after that is switched on. Never the system's temporary folder: others can write there.
 */
import { enableCompileCache } from 'node:module';
import { resolve } from 'node:path';

enableCompileCache(resolve(import.meta.dirname, '../../../.cache/compiled'));

const [{ run }, { processIo }, { nodeScrypt }, { setScryptEngine }, { nodeSha256 }, { setSha256Engine }] =
  await Promise.all([
    import('./run.ts'),
    import('./io.ts'),
    import('./node-scrypt.ts'),
    import('@sealpost/shared/sealed/crypto/passphrase'),
    import('./node-sha256.ts'),
    import('@sealpost/shared/sealed/crypto/hash'),
  ]);
setScryptEngine(nodeScrypt);
setSha256Engine(nodeSha256);
const io = processIo();
// Ends as the shell expects, and lets what is half written be removed.
process.on('SIGINT', () => {
  if (!io.interrupt()) process.exit(130);
});
process.once('SIGTERM', () => process.exit(143));
process.exitCode = await run(process.argv.slice(2), io);
