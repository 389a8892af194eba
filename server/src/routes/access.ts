/** Which mailbox a caller may read, and in which it may keep a feed (FORMATS, Mailbox manifest). */
import type { Kid } from '@sealpost/shared/sealed/crypto/keys';
import type { ChainName } from '@sealpost/shared/sealed/directory/fields';
import { organisation } from '@sealpost/shared/sealed/directory/roles';
import type { Member } from '../guard/caller.ts';
import { isOperator } from '../guard/caller.ts';

/** Operators read every mailbox, devices that of their organisation; in the CERT's a device reads what it put there itself. */
export function mayRead(caller: Member, org: string, feed: string): boolean {
  if (isOperator(caller) || caller.org === org) return true;
  return org === 'cert' && feed === caller.kid;
}

/** A feed is its writer's alone: operators write to every mailbox there is, devices to their organisation's and to the CERT's. */
export function mayWrite(caller: Member, org: ChainName, feed: Kid): boolean {
  if (feed !== caller.kid) return false;
  if (isOperator(caller)) return org === 'cert' || organisation(caller.directory, org) !== null;
  return caller.role.kind === 'device' && caller.role.status === 'active' && (org === 'cert' || org === caller.org);
}
