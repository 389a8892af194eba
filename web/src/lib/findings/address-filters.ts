/**
 * Filters that a link may carry (`/findings?level=critical&state=open`): words of closed vocabularies only, because an
 * address is kept by the browser in clear and must not hold a host, an account or a search.
 */
import { EXPOSURES, LEVELS, SOURCE_CLASSES } from '@sealpost/shared/opened/finding/finding';
import type { FacetField, Query } from '@sealpost/shared/opened/query/query';
import { TRIAGE_STATES } from '@sealpost/shared/opened/triage/triage';
import { OPEN_STATES } from './open-states.ts';

const VOCABULARIES: Partial<Record<FacetField, readonly string[]>> = {
  level: LEVELS,
  state: TRIAGE_STATES,
  exposure: EXPOSURES,
  sourceClass: SOURCE_CLASSES,
};

/** `null` if the address names no filter. `state=open` stands for all states that want work, `owner=nobody` for no owner. */
export function filtersFromAddress(search: Pick<URLSearchParams, 'get'>): Query['filters'] | null {
  const filters: Partial<Record<FacetField, readonly string[]>> = {};
  for (const [field, words] of Object.entries(VOCABULARIES) as [FacetField, readonly string[]][]) {
    const asked = (search.get(field) ?? '')
      .split(',')
      .flatMap((word): readonly string[] => (field === 'state' && word === 'open' ? OPEN_STATES : [word]));
    const values = asked.filter((word) => words.includes(word));
    if (values.length > 0) filters[field] = values;
  }
  if (search.get('owner') === 'nobody') filters.owner = [''];
  return Object.keys(filters).length > 0 ? filters : null;
}
