/**
 * Builds the WebAssembly modules from their AssemblyScript sources, into the TypeScript modules that embed them (the policy lets
 * workers run embedded modules only). The built files are committed; build.test.ts builds again and compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main as compile } from 'assemblyscript/asc';

const ROOT = join(import.meta.dirname, '..', '..');

/** One module: its source beside this file, the file that embeds it (from the root), the name of the constant there. */
export interface KernelModule {
  readonly source: string;
  readonly target: string;
  readonly constant: string;
  /** Pages of 64 KiB of the module's own memory, with static data from byte 1,024; left out, memory comes from outside. */
  readonly pages?: number;
  /** That memory may be made larger. */
  readonly grows?: true;
}

export const KERNEL_MODULES: readonly KernelModule[] = [
  { source: 'query.ts', target: 'shared/src/opened/query/wasm/query-kernels.ts', constant: 'QUERY_KERNELS' },
  { source: 'sha256.ts', target: 'shared/src/sealed/crypto/sha256-module.ts', constant: 'SHA256_MODULE', pages: 2 },
  {
    source: 'inflate.ts',
    target: 'shared/src/sealed/envelope/inflate-module.ts',
    constant: 'INFLATE_MODULE',
    pages: 7,
  },
  { source: 'scan.ts', target: 'shared/src/opened/scan/wasm/scan-kernels.ts', constant: 'SCAN_KERNELS' },
  {
    source: 'vault.ts',
    target: 'shared/src/opened/vault/wasm/vault-kernels.ts',
    constant: 'VAULT_KERNELS',
    pages: 1,
    grows: true,
  },
];

/** No garbage collector and no asserts: kernels work in memory that comes from outside and is laid out there. */
const FLAGS = [...['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--use', 'abort=']];
const MEMORY_FROM_OUTSIDE = ['--enable', 'simd', '--importMemory', '--initialMemory', '1', '--maximumMemory', '65536'];

/** A memory of its own; no SIMD, so that it runs everywhere. */
function ownMemory(pages: number, most: number): readonly string[] {
  return ['--initialMemory', String(pages), '--maximumMemory', String(most), '--memoryBase', '1024'];
}

/** Text of the file that embeds `module`. Throws with the compiler's words if the source does not compile. */
export async function buildModule({ source, constant, pages, grows }: KernelModule): Promise<string> {
  const memory = pages === undefined ? MEMORY_FROM_OUTSIDE : ownMemory(pages, grows === true ? 65_536 : pages);
  let binary: Uint8Array | null = null;
  const messages: string[] = [];
  const note = { write: (text: string | Uint8Array) => void messages.push(String(text)) };
  const { error } = await compile([source, ...FLAGS, ...memory, '--outFile', 'module.wasm'], {
    readFile: (name) => readSource(name),
    writeFile: (name, contents) => {
      if (name.endsWith('.wasm')) binary = contents as Uint8Array;
    },
    stdout: note,
    stderr: note,
  });
  if (error || binary === null) throw new Error(`${source}: ${messages.join('')}${error?.message ?? 'no output'}`);
  return [
    `/** shared/kernels/${source}, compiled (base64url). Built by \`npm run kernels\`; do not edit, a test compares. */`,
    `export const ${constant} =`,
    `  '${Buffer.from(binary).toString('base64url')}';`,
    '',
  ].join('\n');
}

/** The file that embeds it as it stands, '' if there is none. */
export function builtModule({ target }: KernelModule): string {
  try {
    return readFileSync(join(ROOT, target), 'utf8');
  } catch {
    return '';
  }
}

/** The compiler asks for many names that are not there. */
function readSource(name: string): string | null {
  try {
    return readFileSync(join(import.meta.dirname, name), 'utf8');
  } catch {
    return null;
  }
}

if (import.meta.main) {
  for (const module of KERNEL_MODULES) writeFileSync(join(ROOT, module.target), await buildModule(module));
}
