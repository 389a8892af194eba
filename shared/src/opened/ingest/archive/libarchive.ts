/**
 * 7z and rar by libarchive, run where we are (its own worker wrapper would start one). It reads from memory only, so an archive
 * over the limit is refused beforehand, and what it inflates is kept until the container is closed. libarchive does not decrypt 7z.
 */
// @ts-expect-error -- emscripten's glue has no types; `Module` below says what is used of it
import libarchive from 'libarchive.js/src/webworker/wasm-gen/libarchive.js';
import { LeafError } from '../leaf.ts';
import type { Leaf } from '../leaf.ts';
import type { QuarantineReason } from '../record.ts';
import { bytesToSource } from '../source-file.ts';
import type { ContainerOptions, ContainerSource, OpenedContainer } from './container.ts';
import { displayPath } from './display-path.ts';
import { InflateGuard } from './inflate-guard.ts';

/** The C functions that are used (libarchive, archive_read and archive_entry). */
interface Functions {
  open(buffer: number, size: number, passphrase: string | null, locale: string): number;
  nextEntry(archive: number): number;
  read(archive: number, size: number): number;
  skip(archive: number): number;
  close(archive: number): void;
  size(entry: number): number;
  name(entry: number): string;
  type(entry: number): number;
  isEncrypted(entry: number): number;
  error(archive: number): string;
}

interface Module {
  cwrap(name: string, returns: string | null, takes: readonly (string | null)[]): (...args: never) => unknown;
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
}

const REGULAR_FILE = 0o100000;
const LOCALE = 'en_US.UTF-8';
/** Heap that the decoder itself takes; above, a dictionary of a gigabyte would be allocated for an archive of a kilobyte. */
const WASM_PAGE_BYTES = 64 * 1024;

/** Lists and inflates the entries. A wrong password, a damaged or an oversized entry is that entry's problem alone. */
export async function openWithLibarchive(
  form: '7z' | 'rar',
  source: ContainerSource,
  options: ContainerOptions,
): Promise<OpenedContainer> {
  const nothing = (problem: QuarantineReason): OpenedContainer => ({
    leaves: [],
    problems: [problem],
    close: () => Promise.resolve(),
  });
  if (options.libarchive === undefined) return nothing('archive-unsupported');
  if (source.sizeBytes > options.limits.memoryBytes) return nothing('limit-total');
  const bytes = await source.slice(0, source.sizeBytes);
  const binary = await options.libarchive();
  let last = nothing('archive-password');
  for (const password of [null, ...options.passwords.slice(0, options.limits.passwordTries)]) {
    // A fresh instance each: after an abort (out of memory, a hostile header) the old one is not to be used.
    const opened = await readAll(binary, bytes, password, options);
    if (!opened.problems.includes('archive-password')) return opened;
    if (form === '7z') return { ...opened, problems: ['archive-unsupported'] };
    last = opened;
  }
  return last;
}

async function readAll(
  binary: Uint8Array,
  bytes: Uint8Array,
  password: string | null,
  { path, limits, budget }: ContainerOptions,
): Promise<OpenedContainer> {
  const leaves: Leaf[] = [];
  const problems = new Set<QuarantineReason>();
  let heldBytes = 0;
  try {
    const module = (await libarchive({ wasmBinary: binary, print: quiet, printErr: quiet })) as Module;
    const functions = functionsOf(module);
    const pointer = module._malloc(bytes.length);
    module.HEAPU8.set(bytes, pointer);
    const archive = functions.open(pointer, bytes.length, password, LOCALE);
    for (;;) {
      const entry = functions.nextEntry(archive);
      if (entry === 0) {
        const message = functions.error(archive) ?? '';
        if (/passphrase|encrypt/i.test(message)) problems.add('archive-password');
        else if (leaves.length === 0 || message !== '') problems.add('archive-corrupt');
        break;
      }
      if ((functions.type(entry) & 0o170000) !== REGULAR_FILE) continue;
      if (leaves.length >= limits.archiveEntries) {
        problems.add('limit-entries');
        break;
      }
      const shown = displayPath(functions.name(entry) ?? '_');
      const sizeBytes = functions.size(entry);
      const guard = new InflateGuard(bytes.length, limits, budget);
      const failure =
        heldBytes + sizeBytes > limits.memoryBytes ? new LeafError('limit-total') : guard.count(sizeBytes);
      if (failure !== null) {
        functions.skip(archive);
        leaves.push(failedLeaf(path, shown, failure));
        continue;
      }
      const isLocked = functions.isEncrypted(entry) > 0 && password === null;
      const at = isLocked ? -1 : functions.read(archive, sizeBytes);
      if (at < 0) {
        const reason =
          isLocked || /passphrase|decrypt|encrypt/i.test(functions.error(archive) ?? '')
            ? 'archive-password'
            : 'archive-corrupt';
        if (reason === 'archive-password') problems.add(reason);
        leaves.push(failedLeaf(path, shown, new LeafError(reason)));
        continue;
      }
      const content = module.HEAPU8.slice(at, at + sizeBytes);
      module._free(at);
      heldBytes += sizeBytes;
      const held = bytesToSource(shown, content, WASM_PAGE_BYTES * 16);
      leaves.push({
        path: `${path}/${shown}`,
        treePath: shown,
        sizeBytes,
        open: () => held.stream(),
        slice: (start, end) => Promise.resolve(content.subarray(start, end)),
      });
    }
    functions.close(archive);
  } catch {
    // An abort inside: out of memory, or headers that no archiver writes.
    problems.add('archive-corrupt');
  }
  return { leaves, problems: [...problems], close: () => Promise.resolve() };
}

function failedLeaf(path: string, shown: string, failure: LeafError): Leaf {
  return {
    path: `${path}/${shown}`,
    treePath: shown,
    sizeBytes: 0,
    open: () => new ReadableStream<Uint8Array>({ start: (controller) => controller.error(failure) }),
  };
}

function functionsOf(module: Module): Functions {
  const wrap = (name: string, returns: string | null, takes: readonly string[]) =>
    module.cwrap(name, returns, takes) as never;
  return {
    open: wrap('archive_open', 'number', ['number', 'number', 'string', 'string']),
    nextEntry: wrap('get_next_entry', 'number', ['number']),
    read: wrap('get_filedata', 'number', ['number', 'number']),
    skip: wrap('archive_read_data_skip', 'number', ['number']),
    close: wrap('archive_close', null, ['number']),
    size: wrap('archive_entry_size', 'number', ['number']),
    name: wrap('archive_entry_pathname', 'string', ['number']),
    type: wrap('archive_entry_filetype', 'number', ['number']),
    isEncrypted: wrap('archive_entry_is_encrypted', 'number', ['number']),
    error: wrap('archive_error_string', 'string', ['number']),
  };
}

function quiet(): void {
  // It would write the archive's names to the console.
}
