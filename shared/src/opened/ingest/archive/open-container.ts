/** Opens a container of any form. */
import type { ContainerForm, ContainerOptions, ContainerSource, OpenedContainer } from './container.ts';
import { openCompressed } from './compressed.ts';
import { openTar } from './tar.ts';
import { openZip } from './zip.ts';

/** Lists the entries; nothing is inflated for it. */
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
    // A megabyte of WebAssembly that most loads never need.
    case '7z':
      return (await import('./seven-zip.ts')).openSevenZip(source, options);
    case 'rar':
      return (await import('./rar.ts')).openRar(source, options);
    case 'xz':
      return { leaves: [], problems: ['archive-unsupported'], close: () => Promise.resolve() };
  }
}
