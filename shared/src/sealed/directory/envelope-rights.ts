import type { Bytes } from '../../base/bytes.ts';
import type { Kid } from '../crypto/keys.ts';
import type { ChainName } from './fields.ts';
import type { Directory } from './model.ts';
import type { Role } from './roles.ts';
import { roleIn, roleOf } from './roles.ts';

/** Who may sign which kind of envelope (FORMATS, Envelope): one table. Who may read it follows from what it is sealed to. */

type Right = 'operator' | 'member' | 'reporter' | 'granter' | 'unknown-key';

/**
 * `member`: analyst, admin or on-call of the mailbox's own organisation; `reporter`: admin or analyst of any organisation;
 * `granter`: admin of the mailbox's organisation, operator for the CERT's; `unknown-key`: a key in no chain yet.
 */
const RIGHT_BY_KIND: Readonly<Record<string, Right>> = {
  profile: 'operator',
  bundle: 'operator',
  secrets: 'operator',
  withdrawal: 'operator',
  advisory: 'operator',
  grant: 'granter',
  triage: 'member',
  outcome: 'reporter',
  incident: 'reporter',
  'access-request': 'unknown-key',
  watch: 'operator',
  list: 'operator',
  published: 'operator',
  draft: 'operator',
  'ingest-key': 'operator',
  'purpose-key': 'operator',
  decision: 'operator',
};

/** The signer of an envelope that is allowed. `onCallOnly`: its triage may change state, comment, and itself as owner, nothing else. */
export interface EnvelopeSigner {
  readonly publicKey: Bytes;
  readonly role: Role;
  readonly onCallOnly: boolean;
}

/**
 * The key that may have signed an envelope of `kind` in the mailbox of `org`, or null. Null for every `access-request`: its key
 * stands in its own content and must be in no chain (`isUnknownKey`).
 */
export function maySignEnvelope(directory: Directory, kind: string, kid: Kid, org: ChainName): EnvelopeSigner | null {
  const right = Object.hasOwn(RIGHT_BY_KIND, kind) ? RIGHT_BY_KIND[kind] : undefined;
  switch (right) {
    case 'operator':
      return signer(roleIn(directory, 'cert', kid), ['operator']);
    case 'granter':
      return signer(roleIn(directory, org, kid), org === 'cert' ? ['operator'] : ['admin']);
    case 'member':
      return signer(roleIn(directory, org, kid), ['admin', 'analyst', 'on_call']);
    case 'reporter':
      return signer(roleOf(directory, kid), ['admin', 'analyst']);
    case 'unknown-key':
    case undefined:
      return null;
  }
}

function signer(role: Role | null, allowed: readonly Role['role'][]): EnvelopeSigner | null {
  if (role === null || !allowed.includes(role.role)) return null;
  return { publicKey: role.publicKey, role, onCallOnly: role.role === 'on_call' };
}
