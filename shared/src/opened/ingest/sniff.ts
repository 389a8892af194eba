/** What a leaf is by its first bytes: an archive, text in some encoding, or neither. */
import type { ContainerForm } from './archive/container.ts';
import { isNeverText } from './stealer/file-role.ts';
import type { TextSniff } from './text/encoding.ts';
import { sniffText } from './text/encoding.ts';

export type Sniff =
  | TextSniff
  | { readonly kind: 'archive'; readonly form: ContainerForm }
  | { readonly kind: 'binary' };

const ZIP_MAGICS = [
  [0x50, 0x4b, 0x03, 0x04],
  [0x50, 0x4b, 0x05, 0x06],
];
const OTHER_MAGICS: readonly (readonly [readonly number[], ContainerForm])[] = [
  [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], '7z'],
  [[0x52, 0x61, 0x72, 0x21, 0x1a, 0x07], 'rar'],
  [[0x1f, 0x8b, 0x08], 'gz'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zst'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'xz'],
];
const TAR_MAGIC_AT = 257;
const TAR_MAGIC = [0x75, 0x73, 0x74, 0x61, 0x72];

/** Office documents, packages and pictures are `binary` by name, although some are zip archives inside. */
export function sniffLeaf(path: string, sample: Uint8Array, isWhole: boolean): Sniff {
  if (isNeverText(path)) return { kind: 'binary' };
  if (ZIP_MAGICS.some((magic) => hasAt(sample, 0, magic)) && (/\.zip$/i.test(path) || !isText(sample, isWhole))) {
    return { kind: 'archive', form: 'zip' };
  }
  const other = OTHER_MAGICS.find(([magic]) => hasAt(sample, 0, magic))?.[1];
  const form = other ?? (hasAt(sample, TAR_MAGIC_AT, TAR_MAGIC) ? 'tar' : undefined);
  if (form !== undefined) return { kind: 'archive', form };
  return sniffText(sample, isWhole);
}

/** A text that begins with the letters of a zip's magic number. */
function isText(sample: Uint8Array, isWhole: boolean): boolean {
  return sample.length < 30 && sniffText(sample, isWhole).kind === 'text';
}

function hasAt(sample: Uint8Array, at: number, magic: readonly number[]): boolean {
  return magic.every((byte, i) => sample[at + i] === byte);
}
