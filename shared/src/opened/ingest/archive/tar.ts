/**
 * Tar archives (POSIX ustar and pax, GNU long names): entries are slices of the archive itself. Sizes are checked against the
 * archive's own end; links and devices are no files.
 */
import { fromUtf8 } from '../../../base/bytes.ts';
import { LeafError } from '../leaf.ts';
import type { Leaf } from '../leaf.ts';
import type { QuarantineReason } from '../record.ts';
import type { ContainerOptions, ContainerSource, OpenedContainer } from './container.ts';
import { displayPath } from './display-path.ts';
import { readAhead } from './zip-source.ts';
import type { ZipSource } from './zip-source.ts';

const BLOCK_BYTES = 512;
/** Names and pax records longer than this are no names. */
const MAX_META_BYTES = 64 * 1024;
const READ_BYTES = 1 << 20;

interface Header {
  readonly name: string;
  readonly sizeBytes: number;
  readonly type: string;
}

/** Lists the entries by walking the headers: those of small entries are read many at once. */
export async function openTar(
  container: ContainerSource,
  { path, limits }: ContainerOptions,
): Promise<OpenedContainer> {
  const source = readAhead(container);
  const leaves: Leaf[] = [];
  const problems: QuarantineReason[] = [];
  let longName: string | null = null;
  let longSize: number | null = null;
  let isEnded = false;
  for (let at = 0; at + BLOCK_BYTES <= source.sizeBytes;) {
    const block = await source.slice(at, at + BLOCK_BYTES);
    if (block.every((byte) => byte === 0)) {
      isEnded = true;
      break;
    }
    const header = parseHeader(block);
    if (header === null) {
      problems.push('archive-corrupt');
      break;
    }
    const start = at + BLOCK_BYTES;
    const sizeBytes = longSize ?? header.sizeBytes;
    const end = start + sizeBytes;
    if (end > source.sizeBytes) {
      problems.push('truncated');
      if (!isFile(header.type)) break;
    }
    if (header.type === 'L' || header.type === 'x') {
      const meta = await source.slice(start, Math.min(end, start + MAX_META_BYTES));
      if (header.type === 'L') longName = textOf(meta);
      else ({ path: longName = longName, size: longSize = longSize } = paxOf(meta));
    } else {
      if (isFile(header.type)) {
        if (leaves.length >= limits.archiveEntries) {
          problems.push('limit-entries');
          break;
        }
        leaves.push(leafOf(source, path, longName ?? header.name, start, Math.min(end, source.sizeBytes), end));
      }
      longName = null;
      longSize = null;
    }
    at =
      start +
      Math.ceil((header.type === 'x' || header.type === 'L' ? header.sizeBytes : sizeBytes) / BLOCK_BYTES) *
        BLOCK_BYTES;
  }
  // The end is a block of zeros: without it the rest is missing.
  if (!isEnded && problems.length === 0) problems.push('truncated');
  return { leaves, problems, close: () => Promise.resolve() };
}

function leafOf(source: ZipSource, path: string, name: string, start: number, end: number, wantedEnd: number): Leaf {
  const shown = displayPath(name);
  return {
    path: `${path}/${shown}`,
    treePath: shown,
    sizeBytes: end - start,
    slice: (from, to) => source.slice(start + from, Math.min(start + to, end)),
    open: () => {
      let at = start;
      return new ReadableStream<Uint8Array>({
        async pull(controller) {
          if (at < end) {
            const chunk = await source.slice(at, Math.min(at + READ_BYTES, end));
            at += chunk.length;
            if (chunk.length > 0) {
              controller.enqueue(chunk);
              return;
            }
          }
          if (at < wantedEnd) controller.error(new LeafError('truncated'));
          else controller.close();
        },
      });
    },
  };
}

/** `null` for a block whose checksum does not hold. */
function parseHeader(block: Uint8Array): Header | null {
  let sum = 0;
  for (let i = 0; i < BLOCK_BYTES; i++) sum += i >= 148 && i < 156 ? 32 : (block[i] ?? 0);
  if (numberOf(block.subarray(148, 156)) !== sum) return null;
  const sizeBytes = numberOf(block.subarray(124, 136));
  if (sizeBytes === null) return null;
  const isUstar = textOf(block.subarray(257, 262)) === 'ustar';
  const prefix = isUstar ? textOf(block.subarray(345, 500)) : '';
  const name = textOf(block.subarray(0, 100));
  return { name: prefix === '' ? name : `${prefix}/${name}`, sizeBytes, type: textOf(block.subarray(156, 157)) };
}

function isFile(type: string): boolean {
  return type === '0' || type === '' || type === '7';
}

/** Octal text, or GNU's base-256 for large sizes; `null` for anything else. */
function numberOf(field: Uint8Array): number | null {
  if (((field[0] ?? 0) & 0x80) !== 0) {
    let value = (field[0] ?? 0) & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : null;
  }
  const text = textOf(field).trim();
  return /^[0-7]{0,12}$/.test(text) ? Number.parseInt(text === '' ? '0' : text, 8) : null;
}

/** `length key=value` lines (POSIX pax). */
function paxOf(bytes: Uint8Array): { path?: string; size?: number } {
  const found: { path?: string; size?: number } = {};
  for (const line of textOf(bytes).split('\n')) {
    const [, key, value] = /^[0-9]+ ([^=]+)=(.*)$/.exec(line) ?? [];
    if (key === 'path' && value !== undefined) found.path = value;
    if (key === 'size' && /^[0-9]{1,15}$/.test(value ?? '')) found.size = Number(value);
  }
  return found;
}

/** Up to the first NUL; UTF-8, else Thai, as old Windows tools write it. */
function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  return fromUtf8(text) ?? new TextDecoder('windows-874').decode(text);
}
