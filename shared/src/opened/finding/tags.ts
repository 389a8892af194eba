/** Quality and handling flags of a finding (`Finding.tags`); the message catalogue names each. */
export const TAGS = [
  /** Only a keyword or a form of login hit: published only after an operator confirms. */
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
  /** The machine's address is in a range that the organisation registered. */
  'own_network',
  /** All sources that it was seen in hold nothing but one organisation's mailboxes, as fabricated lists do. */
  'self_domain_only',
  /** All sources that it was seen in repeat a known one. */
  'recycled',
  /** The parser was not sure how to split the line. */
  'ambiguous',
  /** The secret holds the organisation's name. */
  'org_name',
] as const;
export type Tag = (typeof TAGS)[number];

/** What is true of a finding only as long as it is true of all its sources. */
export const SOURCE_TAGS: ReadonlySet<string> = new Set<Tag>(['self_domain_only', 'recycled']);
