import type { Bytes } from '../../base/bytes.ts';
import type { Kid } from '../crypto/keys.ts';
import type { EnvelopeKind } from '../envelope/kinds.ts';
import type { ChainName } from './fields.ts';
import type { Directory } from './model.ts';
import type { Role } from './roles.ts';
import { ENVELOPE_KINDS, maySignKind } from '../envelope/kinds.ts';
import { roleIn, roleOf } from './roles.ts';

/** Who may have signed an envelope now: the table of `envelope/kinds.ts`, asked with the directory's roles. */

/** The signer of an envelope that is allowed. `onCallOnly`: its triage may change state, comment, and itself as owner, nothing else. */
export interface AllowedSigner {
  readonly publicKey: Bytes;
  readonly role: Role;
  readonly onCallOnly: boolean;
}

/**
 * The key that may sign an envelope of `kind` in the mailbox of `org`, or null. What is sealed to the CERT's `read` may come from
 * any organisation, everything else only from operators and the mailbox's own devices. Null for every `access-request`: its key
 * stands in its own content and must be in no chain (`isUnknownKey`).
 */
export function maySignEnvelope(
  directory: Directory,
  kind: EnvelopeKind,
  kid: Kid,
  org: ChainName,
): AllowedSigner | null {
  const operator = roleIn(directory, 'cert', kid);
  if (operator !== null) {
    const may = operator.role === 'operator' && (maySignKind('operator', kind) || (org === 'cert' && kind === 'grant'));
    return may ? { publicKey: operator.publicKey, role: operator, onCallOnly: false } : null;
  }
  const readers: readonly string[] = ENVELOPE_KINDS[kind].readers;
  const role = readers.includes('cert-read') ? roleOf(directory, kid) : roleIn(directory, org, kid);
  if (role === null || role.kind !== 'device') return null;
  switch (role.role) {
    case 'admin':
    case 'analyst':
      return maySignKind(role.role, kind) ? { publicKey: role.publicKey, role, onCallOnly: false } : null;
    case 'on_call':
      return maySignKind('on-call', kind) ? { publicKey: role.publicKey, role, onCallOnly: true } : null;
    case 'auditor':
    case 'root':
    case 'operator':
      return null;
  }
}
