/**
 * libarchive's WebAssembly as a decoder of one archive in its memory. It runs where we are, without a worker of its own, and within a
 * bounded heap: a header that asks for a dictionary of a gigabyte is refused by the engine's own allocator.
 */
import glue from 'libarchive-wasm/src/libarchive.js';
import { LeafError } from '../leaf.ts';
import { boundHeap } from './bound-heap.ts';

/** Reads go through a buffer of this size. */
const READ_BYTES = 1 << 20;
/** The engine's heap: an archive of `memoryBytes` (256 MiB) and what decoders take, with 512 MiB a worker in sight. */
const HEAP_BYTES = 416 * 2 ** 20;
const FILE_TYPES = 0o170000;
const REGULAR_FILE = 0o100000;

/** What a header says about an entry; all of it may be wrong. */
export interface EngineEntry {
  readonly name: string;
  /** 0 where the header does not say. */
  readonly sizeBytes: number;
  readonly isFile: boolean;
  readonly isEncrypted: boolean;
}

/** Why the engine could not go on. Crosses a stream, hence an exception. */
export class EngineError extends Error {
  readonly kind: 'encrypted' | 'memory' | 'corrupt';

  constructor(kind: EngineError['kind']) {
    super(kind);
    this.kind = kind;
  }
}

/** The C functions that are used (libarchive, archive_read and archive_entry). */
interface Functions {
  open(bytes: number, sizeBytes: number, passphrase: string | null): number;
  next(archive: number): number;
  read(archive: number, into: number, sizeBytes: number): number;
  skip(archive: number): number;
  free(archive: number): number;
  name(entry: number): string | null;
  size(entry: number): number;
  type(entry: number): number;
  isEncrypted(entry: number): number;
  error(archive: number): string | null;
}

interface Glue {
  cwrap(name: string, returns: string | null, takes: readonly string[]): (...args: never) => unknown;
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
}

/** Its own types leave out what is used here: CommonJS, an instance of our making, the heap. */
const makeGlue = glue as unknown as (options: object) => Promise<Glue>;

const compiled = new WeakMap<Uint8Array, Promise<WebAssembly.Module>>();

/** Instances of the engine, used again: making one costs more than unpacking a small file. */
export class EnginePool {
  readonly #binary: Uint8Array;
  readonly #idle: Instance[] = [];

  /** The binary is compiled once, however often the same array comes. */
  constructor(binary: Uint8Array) {
    this.#binary = binary;
  }

  /** An engine over `sizeBytes` that `read` gives piece by piece, from the first to the last. Throws an `EngineError`. */
  async open(sizeBytes: number, read: (start: number, end: number) => Promise<Uint8Array>): Promise<ArchiveEngine> {
    const instance = this.#idle.pop() ?? (await instantiate(this.#binary));
    const { glue: made, functions } = instance;
    return guarded(async () => {
      const at = allocate(made, sizeBytes);
      for (let done = 0; done < sizeBytes;) {
        const piece = await read(done, Math.min(sizeBytes, done + READ_BYTES));
        if (piece.length === 0) throw new EngineError('corrupt');
        made.HEAPU8.set(piece, at + done);
        done += piece.length;
      }
      const archive = functions.open(at, sizeBytes, null);
      if (archive === 0) throw new EngineError('corrupt');
      const release = (): void => {
        functions.free(archive);
        made._free(at);
        this.#idle.push(instance);
      };
      return new ArchiveEngine(instance, archive, release);
    });
  }
}

interface Instance {
  readonly glue: Glue;
  readonly functions: Functions;
  /** Where reads go. */
  readonly buffer: number;
}

async function instantiate(binary: Uint8Array): Promise<Instance> {
  const module = await compile(binary);
  const made = await makeGlue({
    instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) {
      void WebAssembly.instantiate(module, imports).then(done);
    },
    print: quiet,
    printErr: quiet,
  });
  return { glue: made, functions: functionsOf(made), buffer: allocate(made, READ_BYTES) };
}

/** One archive, read from its first entry to its last. */
export class ArchiveEngine {
  readonly #glue: Glue;
  readonly #functions: Functions;
  readonly #buffer: number;
  readonly #archive: number;
  #release: (() => void) | null;

  constructor({ glue: made, functions, buffer }: Instance, archive: number, release: () => void) {
    this.#glue = made;
    this.#functions = functions;
    this.#buffer = buffer;
    this.#archive = archive;
    this.#release = release;
  }

  /** Gives the memory back; after an abort inside, the instance is left to the collector. */
  close(): void {
    const release = this.#release;
    this.#release = null;
    if (release !== null) this.#guarded(release);
  }

  /** The next entry; `null` after the last. Throws an `EngineError` where the rest cannot be told. */
  next(): EngineEntry | null {
    return this.#guarded(() => {
      const entry = this.#functions.next(this.#archive);
      if (entry === 0) {
        if (this.#functions.error(this.#archive)) throw this.#failure();
        return null;
      }
      return {
        name: this.#functions.name(entry) ?? '_',
        sizeBytes: this.#functions.size(entry),
        isFile: (this.#functions.type(entry) & FILE_TYPES) === REGULAR_FILE,
        isEncrypted: this.#functions.isEncrypted(entry) > 0,
      };
    });
  }

  /** The next bytes of the entry, in memory that the next call overwrites; empty at its end. Throws an `EngineError`. */
  read(): Uint8Array {
    return this.#guarded(() => {
      const length = this.#functions.read(this.#archive, this.#buffer, READ_BYTES);
      if (length < 0) throw this.#failure();
      return this.#glue.HEAPU8.subarray(this.#buffer, this.#buffer + length);
    });
  }

  /** Passes over the entry, without unpacking it where the format allows. */
  skip(): void {
    this.#guarded(() => {
      this.#functions.skip(this.#archive);
    });
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof EngineError) throw error;
      this.#release = null;
      throw new EngineError('corrupt');
    }
  }

  #failure(): EngineError {
    const text = this.#functions.error(this.#archive) ?? '';
    if (/encrypt|passphrase|decrypt/i.test(text)) return new EngineError('encrypted');
    return new EngineError(/memory|allocate/i.test(text) ? 'memory' : 'corrupt');
  }
}

/** What is thrown inside beside `EngineError` is an abort: headers that no archiver writes, or no memory. */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EngineError || error instanceof LeafError) throw error;
    throw new EngineError('corrupt');
  }
}

function compile(binary: Uint8Array): Promise<WebAssembly.Module> {
  const before = compiled.get(binary);
  if (before !== undefined) return before;
  const module = WebAssembly.compile(boundHeap(binary, HEAP_BYTES));
  compiled.set(binary, module);
  return module;
}

function allocate(made: Glue, bytes: number): number {
  const at = made._malloc(bytes);
  if (at === 0) throw new EngineError('memory');
  return at;
}

function functionsOf(made: Glue): Functions {
  const wrap = (name: string, returns: string | null, takes: readonly string[]) =>
    made.cwrap(name, returns, takes) as never;
  return {
    open: wrap('archive_read_new_memory', 'number', ['number', 'number', 'string']),
    next: wrap('archive_read_next_entry', 'number', ['number']),
    read: wrap('archive_read_data', 'number', ['number', 'number', 'number']),
    skip: wrap('archive_read_data_skip', 'number', ['number']),
    free: wrap('archive_read_free', 'number', ['number']),
    name: wrap('archive_entry_pathname_utf8', 'string', ['number']),
    size: wrap('archive_entry_size', 'number', ['number']),
    type: wrap('archive_entry_filetype', 'number', ['number']),
    isEncrypted: wrap('archive_entry_is_encrypted', 'number', ['number']),
    error: wrap('archive_error_string', 'string', ['number']),
  };
}

function quiet(): void {
  // It would write the archive's names to the console.
}
