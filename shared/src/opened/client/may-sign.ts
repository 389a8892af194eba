/** What the client asks the directory: roles, epochs, and who may sign an envelope of which mailbox. */
import type { OrgId } from '../../sealed/directory/fields.ts';
import { maySignEnvelope } from '../../sealed/directory/envelope-rights.ts';
import type { Directory } from '../../sealed/directory/model.ts';
import type { ChainName } from '../../sealed/directory/fields.ts';
import type { EnvelopeKind } from '../../sealed/envelope/kinds.ts';
import type { Kid } from '../../sealed/crypto/keys.ts';

/** The `maySign` of `openEnvelope` for the mailbox of `org`, by the chains as they are known now. */
export function maySignFor(directory: Directory, org: ChainName | OrgId) {
  return (kind: EnvelopeKind, kid: Kid): Promise<Uint8Array | null> =>
    Promise.resolve(maySignEnvelope(directory, kind, kid, org)?.publicKey ?? null);
}
