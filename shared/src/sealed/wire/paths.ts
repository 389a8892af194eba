import type { OrgId } from '../envelope/heads.ts';
import type { Sid } from '../envelope/statement.ts';
import type { Kid } from '../crypto/keys.ts';

/** Paths of the API (FORMATS, Requests and paths): route patterns for the server, builders for clients, one list for both. */

/** Everything of the API lies under this. */
export const API_PREFIX = '/api/v1';

/** Patterns in the router's syntax, without the prefix. */
export const ROUTES = {
  deployments: '/deployments',
  deployment: '/:deployment',
  chains: '/:deployment/chains',
  invitations: '/:deployment/invitations',
  requests: '/:deployment/requests',
  request: '/:deployment/requests/:id',
  decision: '/:deployment/requests/:id/decision',
  logKeys: '/:deployment/log-keys',
  blob: '/:deployment/blobs/:sha256',
  manifest: '/:deployment/mailboxes/:org/feeds/:feed/manifest',
  manifestVersion: '/:deployment/mailboxes/:org/feeds/:feed/manifest/:ver',
  deliveries: '/:deployment/mailboxes/:org/deliveries',
  audit: '/:deployment/audit',
  checkpoint: '/:deployment/log/checkpoint',
  consistency: '/:deployment/log/consistency',
  receipts: '/:deployment/log/receipts',
  tile: '/:deployment/log/tile/*',
  events: '/:deployment/events',
} as const;

/** On the app's own origin: where it finds the API (`AppConfig`). Not part of a release; where there is none, the API is beside the app. */
export const APP_CONFIG_PATH = '/config.json';

/** POST here sets up a deployment. */
export const DEPLOYMENTS_PATH = API_PREFIX + ROUTES.deployments;

/** Builders of paths (with query) within one deployment; all parts are base64url or integers, so nothing needs escaping. */
export function paths(deployment: Sid) {
  const base = `${API_PREFIX}/${deployment}`;
  return {
    deployment: () => base,
    chains: () => `${base}/chains`,
    /** Statements with a position above `position`; 0 for all. */
    chainsAfter: (position: number) => `${base}/chains?after=${position}`,
    invitations: () => `${base}/invitations`,
    requests: () => `${base}/requests`,
    requestsAfter: (position: number) => `${base}/requests?after=${position}`,
    request: (id: string) => `${base}/requests/${id}`,
    decision: (id: string) => `${base}/requests/${id}/decision`,
    logKeys: () => `${base}/log-keys`,
    blob: (sha256: string) => `${base}/blobs/${sha256}`,
    blobPart: (sha256: string, offset: number, size: number) => `${base}/blobs/${sha256}?offset=${offset}&size=${size}`,
    manifest: (org: 'cert' | OrgId, feed: Kid) => `${base}/mailboxes/${org}/feeds/${feed}/manifest`,
    manifestVersion: (org: 'cert' | OrgId, feed: Kid, version: number) =>
      `${base}/mailboxes/${org}/feeds/${feed}/manifest/${version}`,
    /** Who was handed what out of a mailbox: for operators. */
    deliveries: (org: 'cert' | OrgId) => `${base}/mailboxes/${org}/deliveries`,
    audit: () => `${base}/audit`,
    /** Entries after the first `held` ones. */
    auditAfter: (held: number) => `${base}/audit?after=${held}`,
    /** The newest checkpoint, a signed note. */
    checkpoint: () => `${base}/log/checkpoint`,
    /** That the log only grew since it had `from` leaves. */
    consistency: (from: number) => `${base}/log/consistency?from=${from}`,
    /** Inclusion proofs of these entries, and that the log only grew since it had `from` leaves. */
    receipts: (indices: readonly number[], from: number | null = null) =>
      `${base}/log/receipts?indices=${indices.join(',')}${from === null ? '' : `&from=${from}`}`,
    /** A tile or entry bundle, by its C2SP name (`tilePath`). */
    tile: (name: string) => `${base}/log/${name}`,
    events: () => `${base}/events`,
  } as const;
}

/** Headers of our own, lower case. */
export const INVITATION_HEADER = 'sealpost-invitation';
export const SETUP_TOKEN_HEADER = 'sealpost-setup-token';
export const UPLOAD_OFFSET_HEADER = 'upload-offset';
