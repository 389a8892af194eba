import type { Ms } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import type { Sid } from '../envelope/statement.ts';
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import { parseSid } from '../envelope/statement.ts';
import { msToSeconds, secondsToMs } from './times.ts';

/**
 * Invitations: `<app>/join#i=1.<deployment>.<token>.<expiry>[.<base64url of the API origin>]` (FORMATS, Access request). All of it
 * stands in the fragment, which no server sees; it pins the deployment.
 */

/** `origin`: the API's, null where it is the app's own. `token`: 16 random bytes, usable once. */
export interface Invitation {
  readonly deployment: Sid;
  readonly token: Bytes;
  readonly expiresAtMs: Ms;
  readonly origin: string | null;
}

/** `unsupported`: made by a newer version. */
export type InvitationError = { readonly kind: 'malformed' | 'unsupported' };

const MAX_LENGTH = 2048;

/** The link for a person. `appOrigin` as in `https://app.example`. */
export function formatInvitation(invitation: Invitation, appOrigin: string): string {
  const { deployment, token, expiresAtMs, origin } = invitation;
  const parts = ['1', deployment, toBase64url(token), String(msToSeconds(expiresAtMs))];
  if (origin !== null && origin !== appOrigin) parts.push(toBase64url(utf8(origin)));
  return `${appOrigin}/join#i=${parts.join('.')}`;
}

/** Reads a whole link, a fragment (`#i=…`), or what stands in it (`i=1.…`, `1.…`); spaces around it are ignored. */
export function parseInvitation(text: string): Result<Invitation, InvitationError> {
  const trimmed = text.trim();
  if (trimmed.length > MAX_LENGTH) return err({ kind: 'malformed' });
  const fragment = trimmed.slice(trimmed.indexOf('#') + 1).replace(/^i=/, '');
  const [version, deploymentText = '', tokenText = '', expiryText = '', originText, ...rest] = fragment.split('.');
  if (version !== '1') return err({ kind: /^[0-9]{1,3}$/.test(version ?? '') ? 'unsupported' : 'malformed' });
  const deployment = parseSid(deploymentText);
  const token = parseBase64url(tokenText, 16);
  const origin = originText === undefined ? null : parseOrigin(originText);
  if (deployment === null || token === null || origin === undefined || rest.length > 0)
    return err({ kind: 'malformed' });
  if (!/^[1-9][0-9]{9}$/.test(expiryText)) return err({ kind: 'malformed' });
  return ok({ deployment, token, expiresAtMs: secondsToMs(Number(expiryText)), origin });
}

/** An http or https origin in its one spelling (no path, no user), undefined for anything else. */
function parseOrigin(encoded: string): string | undefined {
  const bytes = parseBase64url(encoded);
  const text = bytes === null ? null : fromUtf8(bytes);
  if (text === null || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.origin === text && /^https?:$/.test(url.protocol) ? text : undefined;
}
