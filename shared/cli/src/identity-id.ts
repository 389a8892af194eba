/** Local name of an identity: random, known to this home alone. */
import { toBase64url } from '@sealpost/shared/base/base64url';
import type { Ports } from '@sealpost/shared/opened/client/ports';

/** 16 random bytes as text. */
export function newIdentityId(ports: Pick<Ports, 'random'>): string {
  return toBase64url(ports.random(16));
}
