/**
 * The app on another origin than the API: which origins a browser lets call it (Fetch, CORS protocol). Exact origins, never all, and
 * never with credentials, of which there are none: requests are signed.
 */
import { cors } from 'hono/cors';
import type { MiddlewareHandler } from 'hono';
import { INVITATION_HEADER, SETUP_TOKEN_HEADER, UPLOAD_OFFSET_HEADER } from '@sealpost/shared/sealed/wire/paths';

/** Headers that our requests carry beyond what any page may send. */
const ASKED = [
  ...[
    'signature',
    'signature-input',
    'content-digest',
    'content-type',
    'if-match',
    'if-none-match',
    'if-range',
    'range',
  ],
  ...[INVITATION_HEADER, SETUP_TOKEN_HEADER, UPLOAD_OFFSET_HEADER],
];

/** Headers of answers that clients read. */
const ANSWERED = ['date', 'etag', 'content-range', 'accept-ranges', 'retry-after', UPLOAD_OFFSET_HEADER];

/** As long as Chromium remembers the answer to a preflight. */
const PREFLIGHT_SECONDS = 7200;

/** Lets pages of `appOrigins` call what it is used for. */
export function crossOrigin(appOrigins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: [...appOrigins],
    allowMethods: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'],
    allowHeaders: ASKED,
    exposeHeaders: ANSWERED,
    maxAge: PREFLIGHT_SECONDS,
  });
}
