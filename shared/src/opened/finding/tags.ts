/** Quality and handling flags of a finding (`Finding.tags`); the message catalogue names each. */
export const TAGS = [
  /** Only a keyword hit: published only after an operator confirms. */
  'keyword_only',
  'blank_login',
  /** Nothing but an address, or a blank secret. */
  'no_secret',
  'mixed_case',
  'unlisted_tld',
  /** The login is a Thai national id; it is shown masked only. */
  'national_id',
  /** The machine bears a name that the organisation gives its own computers. */
  'corporate_device',
  /** The parser was not sure how to split the line. */
  'ambiguous',
  /** The secret holds the organisation's name. */
  'org_name',
] as const;
export type Tag = (typeof TAGS)[number];
