/** Opens a container of any form. */
import type { ContainerForm, ContainerOptions, ContainerSource, OpenedContainer } from './container.ts';
import { openCompressed } from './compressed.ts';
import { openTar } from './tar.ts';
import { openZip } from './zip.ts';

/** Lists the entries; nothing is inflated but what listing takes (7z and rar: all of it, within `limits.memoryBytes`). */
export async function openContainer(
  form: ContainerForm,
  source: ContainerSource,
  options: ContainerOptions,
): Promise<OpenedContainer> {
  switch (form) {
    case 'zip':
      return openZip(source, options.path, options.passwords, options.limits, options.budget);
    case 'tar':
      return openTar(source, options);
    case 'gz':
    case 'zst':
      return openCompressed(form, source, options);
    case '7z':
    case 'rar': {
      // A megabyte of WebAssembly that most loads never need.
      const { openWithLibarchive } = await import('./libarchive.ts');
      return openWithLibarchive(form, source, options);
    }
    case 'xz':
      return { leaves: [], problems: ['archive-unsupported'], close: () => Promise.resolve() };
  }
}
