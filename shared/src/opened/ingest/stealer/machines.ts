/**
 * Machine boundaries: the folder that holds the system file, else the one that holds a password file (INGEST). A password file
 * below a machine's folder belongs to that machine.
 */
import { baseName, folderOf } from '../archive/display-path.ts';
import type { Leaf } from '../leaf.ts';
import type { FileRole } from './file-role.ts';
import { fileRole, isPasswordName, isSystemName } from './file-role.ts';

export interface MachineFiles {
  /** Folder in the tree; its last part names the machine where the system file does not. */
  readonly folder: string;
  /** Shown path of the folder, from the outermost container on. */
  readonly path: string;
  readonly system: readonly Leaf[];
  readonly cookies: readonly Leaf[];
  readonly autofill: readonly Leaf[];
  /** Password files, those nearest to the machine's folder first: copies are then the deeper ones. */
  readonly passwords: readonly Leaf[];
  /** By their names without credentials. */
  readonly skipped: readonly Leaf[];
  readonly unknown: readonly Leaf[];
  /** Names of the folders below it. */
  readonly folders: readonly string[];
}

export interface Grouping {
  readonly machines: readonly MachineFiles[];
  /** Leaves of no machine. */
  readonly loose: readonly Leaf[];
}

/** Groups the leaves of one tree. `hasBlocks` samples a file named for passwords that lies below no system file. */
export async function groupMachines(
  leaves: readonly Leaf[],
  hasBlocks: (leaf: Leaf) => Promise<boolean>,
): Promise<Grouping> {
  const roots = new Set<string>();
  const named: Leaf[] = [];
  for (const leaf of leaves) {
    if (isSystemName(leaf.treePath)) roots.add(folderOf(leaf.treePath));
    else if (isPasswordName(leaf.treePath)) named.push(leaf);
  }
  named.sort((a, b) => depth(a) - depth(b));
  for (const leaf of named) {
    const folder = folderOf(leaf.treePath);
    if (rootOf(folder, roots) === null && (await hasBlocks(leaf))) roots.add(folder);
  }
  const byRoot = new Map<string, Leaf[]>();
  const loose: Leaf[] = [];
  for (const leaf of leaves) {
    const root = rootOf(folderOf(leaf.treePath), roots);
    if (root === null) {
      loose.push(leaf);
      continue;
    }
    const files = byRoot.get(root);
    if (files === undefined) byRoot.set(root, [leaf]);
    else files.push(leaf);
  }
  return { machines: [...byRoot].map(([folder, files]) => toMachine(folder, files)), loose };
}

function toMachine(folder: string, files: readonly Leaf[]): MachineFiles {
  const pathIn = (leaf: Leaf): string => leaf.treePath.slice(folder === '' ? 0 : folder.length + 1);
  const roles = files.map((leaf): FileRole => fileRole(pathIn(leaf)));
  const byRole = (wanted: FileRole): Leaf[] => files.filter((_, at) => roles[at] === wanted);
  const passwords = byRole('passwords').sort((a, b) => depth(a) - depth(b) || (a.path < b.path ? -1 : 1));
  return {
    folder: baseName(folder),
    path: shownFolder(folder, files),
    system: byRole('system').sort((a, b) => depth(a) - depth(b)),
    cookies: byRole('cookies'),
    autofill: byRole('autofill'),
    passwords,
    skipped: byRole('no-credential'),
    unknown: byRole('unknown'),
    folders: [...new Set(files.flatMap((leaf) => folderOf(pathIn(leaf)).split('/')))].filter((name) => name !== ''),
  };
}

function shownFolder(folder: string, [leaf]: readonly Leaf[]): string {
  const container = leaf === undefined ? '' : leaf.path.slice(0, leaf.path.length - leaf.treePath.length);
  return folder === '' ? container.replace(/\/$/, '') : `${container}${folder}`;
}

/** The nearest folder at or above `folder` that is a machine's. */
function rootOf(folder: string, roots: ReadonlySet<string>): string | null {
  for (let at = folder; ; at = folderOf(at)) {
    if (roots.has(at)) return at;
    if (at === '') return null;
  }
}

function depth(leaf: Leaf): number {
  let parts = 1;
  for (let at = leaf.treePath.indexOf('/'); at >= 0; at = leaf.treePath.indexOf('/', at + 1)) parts++;
  return parts;
}
