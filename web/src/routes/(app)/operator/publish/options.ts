/** How a bundle goes out unless the operator says otherwise (DOMAIN rules 2 and 11). */
import type { PublishOptions } from '@sealpost/shared/opened/client/api/publishing';

export const DEFAULT_OPTIONS: PublishOptions = {
  policy: 'masked',
  tlp: 'TLP:AMBER+STRICT',
  caveat: null,
  includeContextless: null,
  confirmKeywordOnly: false,
};
