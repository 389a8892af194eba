/** States in which something is still to be done; the others have ended. */
import type { TriageState } from '@sealpost/shared/opened/triage/triage';

export const OPEN_STATES: readonly TriageState[] = ['new', 'triaged', 'assigned', 'in_progress', 'pending', 'reopened'];
