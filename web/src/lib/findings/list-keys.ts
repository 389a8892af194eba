/** The keyboard of the findings page: which action a key is, as the help dialog lists them. */
import type { FindingsView } from './findings-view.svelte.ts';

export interface ListActions {
  readonly focusSearch: () => void;
  /** Moves the cursor; `extend` chooses the rows it passes. */
  readonly step: (by: number, extend: boolean) => unknown;
  readonly open: () => unknown;
  /** Opens or closes a group. */
  readonly act: (key: 'Enter' | 'ArrowRight' | 'ArrowLeft') => unknown;
  readonly changeState: () => unknown;
  readonly assign: () => unknown;
  /** The menu of the row under the cursor. */
  readonly menu: () => unknown;
  /** Lets go of the selection, else of the open finding. */
  readonly escape: (() => unknown) | undefined;
}

/** `undefined` for keys that are not ours. `inGrid`: the list has the focus, so that arrows and page keys belong to it. */
export function actionOf(
  event: KeyboardEvent,
  inGrid: boolean,
  view: FindingsView,
  actions: ListActions,
): (() => unknown) | undefined {
  const extend = event.shiftKey;
  const inGridStep = (by: number) => (inGrid ? () => actions.step(by, extend) : undefined);
  const isGrouped = view.question.groupBy !== null;
  const row = view.current;
  switch (event.key) {
    case '/':
      return actions.focusSearch;
    case 'j':
    case 'J':
      return () => actions.step(1, extend);
    case 'k':
    case 'K':
      return () => actions.step(-1, extend);
    case 'ArrowDown':
      return inGridStep(1);
    case 'ArrowUp':
      return inGridStep(-1);
    case 'PageDown':
      return inGridStep(Math.max(1, view.pageLines - 1));
    case 'PageUp':
      return inGridStep(-Math.max(1, view.pageLines - 1));
    case 'Home':
      return inGridStep(-Infinity);
    case 'End':
      return inGridStep(Infinity);
    case 'ArrowRight':
    case 'ArrowLeft': {
      const { key } = event;
      return inGrid && isGrouped ? () => actions.act(key) : undefined;
    }
    case 'x':
      return row && !isGrouped ? () => view.selection.set(view.cursor, row.id, !view.selection.has(row.id)) : undefined;
    case 'Enter':
      if (isOnControl(event)) return undefined;
      if (isGrouped) return view.cursor >= 0 ? () => actions.act('Enter') : undefined;
      return row ? actions.open : undefined;
    case 'e':
      return actions.changeState;
    case 'a':
      return actions.assign;
    case 'p':
      return actions.menu;
    case 'Escape':
      return actions.escape;
  }
  return undefined;
}

function isOnControl(event: KeyboardEvent): boolean {
  return event.target instanceof Element && event.target.closest('a, button, input, select, [role=tab]') !== null;
}
