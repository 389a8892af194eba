/** What reading answers where something at rest is not what it must be. */
import type { VaultTable } from './backend.ts';

/**
 * A row, or a block of a file, that is not what the manifest says. `removed`: it is gone. `added`: nobody wrote it. `rolled-back`: another revision
 * of it lies there. `altered`: its bytes do not open, or are those of another row.
 */
export interface StorageDamaged {
  readonly kind: 'storage-damaged';
  readonly table: VaultTable;
  readonly id: string;
  readonly how: 'removed' | 'added' | 'rolled-back' | 'altered';
}
