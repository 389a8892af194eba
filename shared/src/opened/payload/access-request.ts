/** Content of an `access-request` envelope (FORMATS, Access request): what a stranger says of himself, and his first two statements. */
import * as v from 'valibot';
import { ORGANISATION_TYPES, SECTORS } from '../client/api/organisations.ts';

const text = (max: number, min = 0) => v.pipe(v.string(), v.minLength(min), v.maxLength(max));

const ContactSchema = v.strictObject({
  name: text(200, 1),
  position: text(200),
  email: v.pipe(v.string(), v.maxLength(254), v.email()),
  phone: text(40),
  language: v.picklist(['th', 'en']),
});

/** Form as sent. Free text from somebody nobody has verified yet: shown as text, never as a link. */
export const AccessRequestFormSchema = v.strictObject({
  nameTh: text(200, 1),
  nameEn: text(200, 1),
  type: v.picklist(ORGANISATION_TYPES),
  sector: v.picklist(SECTORS),
  domains: v.pipe(v.array(text(253, 1)), v.minLength(1), v.maxLength(200)),
  contact: ContactSchema,
  secondContact: v.nullable(ContactSchema),
  channel: text(200),
  scope: text(1000),
  notice: v.strictObject({ version: text(64, 1), signedName: text(200, 1), signedPosition: text(200, 1) }),
});
export type AccessRequestForm = v.InferOutput<typeof AccessRequestFormSchema>;

/** Compact JWS of at most 16 KiB. */
const StatementText = v.pipe(
  v.string(),
  v.maxLength(16_384),
  v.regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/),
);

export const AccessRequestSchema = v.strictObject({
  form: AccessRequestFormSchema,
  /** age recipient of the recovery key; absent until one is made. */
  recovery: v.nullable(text(80)),
  /** Become versions 1 and 2 of the organisation's chain. */
  device: StatementText,
  epoch: StatementText,
});
export type AccessRequestContent = v.InferOutput<typeof AccessRequestSchema>;
