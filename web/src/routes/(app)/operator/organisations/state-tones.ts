/** The quiet tone of each state of an organisation; the word beside it says it. */
import type { OrganisationState } from '@sealpost/shared/opened/client/api/organisations';

export const STATE_TONES: Readonly<Record<OrganisationState, 'plain' | 'accent' | 'good' | 'warn' | 'bad'>> = {
  listed: 'plain',
  invited: 'accent',
  requested: 'warn',
  enrolled: 'good',
  suspended: 'bad',
};
