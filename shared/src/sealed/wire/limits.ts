/** Limits and spans of the HTTP contract (FORMATS, Requests and paths). Sizes in bytes, spans in the unit of their name. */

/** An age file in a mailbox. */
export const MAX_BLOB_BYTES = 256 * 1024 * 1024;
/** What one device of an organisation may hold on the server, so that none fills the disk for all. */
export const MAX_DEVICE_BYTES = 4 * MAX_BLOB_BYTES;
/** One part of an upload. */
export const BLOB_PART_BYTES = 8 * 1024 * 1024;
/** A sealed access request, or the decision about one. */
export const MAX_REQUEST_BYTES = 64 * 1024;
/** JSON bodies: statements, audit entries, invitations. */
export const MAX_JSON_BODY_BYTES = 1024 * 1024;
/** One compact JWS of a chain: header and payload of 16 KiB each at most, in base64url, with a signature. */
export const MAX_STATEMENT_CHARS = 48 * 1024;
/** A manifest page: 1,000 items of about 200 characters, in base64url. */
export const MAX_MANIFEST_CHARS = 512 * 1024;
/** Statements of one atomic POST. */
export const MAX_STATEMENTS_PER_POST = 100;
/** Statements of one answer of GET chains. */
export const MAX_STATEMENTS_PER_PAGE = 500;
/** Invitations registered in one POST: a constituency of a few hundred in one go. */
export const MAX_INVITATIONS_PER_POST = 1000;
/** Audit entries of one POST and of one page. */
export const MAX_AUDIT_ENTRIES = 500;

/** `created` may differ from the server's clock by this much. */
export const MAX_CLOCK_SKEW_SECONDS = 300;
/** `expires` is at most this long after `created`. */
export const MAX_SIGNATURE_LIFE_SECONDS = 300;
/** (keyid, nonce) of writes are kept this long: skew and life together, and some. */
export const NONCE_MEMORY_SECONDS = 900;

/** A `head` statement is fresh this long, and renewed when less than `HEAD_RENEW_SECONDS` are left. */
export const HEAD_LIFE_SECONDS = 7 * 86_400;
export const HEAD_RENEW_SECONDS = 4 * 86_400;
/** A revoked key may continue its audit chain this long. */
export const REVOKED_AUDIT_GRACE_SECONDS = 30 * 86_400;
/** Demo deployments are deleted after this. */
export const DEMO_LIFE_SECONDS = 7 * 86_400;
