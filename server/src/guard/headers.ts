/** Security headers of every answer. Pages and workers have policies of their own (sealed/wire/web-policy.ts). */
import { secureHeaders } from 'hono/secure-headers';
import type { MiddlewareHandler } from 'hono';
import { INERT_POLICY } from '@sealpost/shared/sealed/wire/web-policy';

/** Headers of every answer; routes add their own Content-Security-Policy and Cache-Control over the defaults. */
export function securityHeaders(isHttps: boolean): MiddlewareHandler {
  const fixed = secureHeaders({
    crossOriginOpenerPolicy: 'same-origin',
    crossOriginEmbedderPolicy: 'require-corp',
    crossOriginResourcePolicy: 'same-origin',
    originAgentCluster: '?1',
    referrerPolicy: 'no-referrer',
    strictTransportSecurity: isHttps ? 'max-age=63072000; includeSubDomains' : false, // two years: HTTPS only where it is configured
    xContentTypeOptions: 'nosniff',
    xFrameOptions: 'DENY',
    xXssProtection: false,
    xDownloadOptions: false,
    permissionsPolicy: { camera: ['self'], microphone: [], geolocation: [], payment: [], usb: [] }, // camera: QR codes
  });
  return async (c, next) => {
    await fixed(c, next);
    if (!c.res.headers.has('Content-Security-Policy')) c.res.headers.set('Content-Security-Policy', INERT_POLICY);
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store');
  };
}
