/** Turns what was dropped or chosen into sources: a file is one, a folder with everything in it is one. */
import { ChosenSource } from './chosen-source.svelte.ts';

interface Found {
  readonly path: string;
  readonly file: File;
}

/** Numbers the aliases of a day, e.g. `20261122-1`: an alias says nothing about where material came from. */
function aliasFor(nowMs: number, number: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '')}-${number}`;
}

/** Files from an input; those of a chosen folder carry their path and make one source. */
export function filesToSources(files: readonly File[], nowMs: number, firstNumber: number): readonly ChosenSource[] {
  return group(
    files.map((file) => ({ path: file.webkitRelativePath || file.name, file })),
    nowMs,
    firstNumber,
  );
}

/** What a drop holds, folders walked through. Must be called before the drop's handler returns. */
export async function dropToSources(
  items: DataTransferItemList,
  nowMs: number,
  firstNumber: number,
): Promise<readonly ChosenSource[]> {
  const entries = [...items]
    .filter((item) => item.kind === 'file')
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  const found = await Promise.all(entries.map((entry) => walk(entry, entry.name)));
  return group(found.flat(), nowMs, firstNumber);
}

function group(found: readonly Found[], nowMs: number, firstNumber: number): readonly ChosenSource[] {
  const byName = new Map<string, Found[]>();
  for (const item of found) {
    const slash = item.path.indexOf('/');
    const key = slash < 0 ? item.path : `${item.path.slice(0, slash)}/`;
    byName.set(key, [...(byName.get(key) ?? []), item]);
  }
  return [...byName].map(([name, files], index) => new ChosenSource(name, files, aliasFor(nowMs, firstNumber + index)));
}

async function walk(entry: FileSystemEntry, path: string): Promise<Found[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Found[] = [];
  // A reader hands out entries in portions until it hands out none.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (portion.length === 0) return found;
    for (const child of portion) found.push(...(await walk(child, `${path}/${child.name}`)));
  }
}
