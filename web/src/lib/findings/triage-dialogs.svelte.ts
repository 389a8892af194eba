/** The two triage dialogs, opened from the table, the drawer and the palette alike. */
import { createContext } from 'svelte';
import type { FindingId } from '@sealpost/shared/opened/finding/finding';
import type { TriageState } from '@sealpost/shared/opened/triage/triage';

export class TriageDialogs {
  ids = $state.raw<readonly FindingId[]>([]);
  stateOpen = $state(false);
  assignOpen = $state(false);
  initial = $state<TriageState | null>(null);

  changeState(ids: readonly FindingId[], initial: TriageState | null = null): void {
    if (ids.length === 0) return;
    this.ids = ids;
    this.initial = initial;
    this.stateOpen = true;
  }

  assign(ids: readonly FindingId[]): void {
    if (ids.length === 0) return;
    this.ids = ids;
    this.assignOpen = true;
  }

  get isOpen(): boolean {
    return this.stateOpen || this.assignOpen;
  }
}

export const [useTriageDialogs, provideTriageDialogs] = createContext<TriageDialogs>();
