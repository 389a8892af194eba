/** The menu that leads on from a row: opened by the row's button, the right mouse button, a long touch or a key. */
import { createContext } from 'svelte';
import type { Row } from '@sealpost/shared/opened/query/query';

export interface MenuPlace {
  readonly x: number;
  readonly y: number;
}

export class PivotMenuState {
  target = $state.raw<{ readonly row: Row; readonly at: MenuPlace } | null>(null);

  open(row: Row, at: MenuPlace): void {
    this.target = { row, at };
  }

  close(): void {
    this.target = null;
  }
}

export const [usePivotMenu, providePivotMenu] = createContext<PivotMenuState>();
