import type { Bytes } from '../../base/bytes.ts';
import type { Kid } from '../crypto/keys.ts';
import type { ClaimsByType } from './claims.ts';
import type { CertChain, DeviceChain, Directory, Link, OrganisationRecord } from './model.ts';
import { parsePublicKey } from '../crypto/ed25519.ts';
import { thumbprint } from '../crypto/keys.ts';

/** What an accepted statement changes. Nothing is checked here (`judge.ts` did); every function returns a new value. */

/** The directory with one more link at the end of the CERT chain. */
export function extendCert(directory: Directory, link: Link): Directory {
  const { cert } = directory;
  const next: CertChain = {
    ...cert,
    links: [...cert.links, link],
    newestIatSeconds: Math.max(cert.newestIatSeconds, link.claims.iat),
  };
  if (link.type === 'organisation')
    return { ...directory, cert: next, organisations: withOrganisation(directory, link.claims) };
  return { ...directory, cert: { ...next, ...certChange(cert, link) } };
}

/** The directory with one more link at the end of the chain of `chain.generation`. */
export function extendDevice(
  directory: Directory,
  record: OrganisationRecord,
  chain: DeviceChain,
  link: Link,
): Directory {
  return withChain(directory, record, { ...chain, links: [...chain.links, link], ...deviceChange(chain, link) });
}

/** The directory with `chain` in the place of that generation's chain. */
export function withChain(directory: Directory, record: OrganisationRecord, chain: DeviceChain): Directory {
  const generations = new Map(record.generations).set(chain.generation, chain);
  const organisations = new Map(directory.organisations).set(record.org, { ...record, generations });
  return { ...directory, organisations };
}

function certChange(cert: CertChain, link: Link): Partial<CertChain> {
  const { ver, iat } = link.claims;
  switch (link.type) {
    case 'root':
      return {
        roots: [...cert.roots, { ...keyOf(link.claims.key), since: ver === 1 ? 0 : ver }],
        demo: ver === 1 ? link.claims.demo === true : cert.demo,
      };
    case 'operator': {
      const term = { ...keyOf(link.claims.key), recipient: link.claims.recipient, since: ver, revoked: null };
      return { operators: new Map(cert.operators).set(term.kid, term) };
    }
    case 'revocation':
      return { operators: withRevoked(cert.operators, link.claims.kid, { ver, atSeconds: iat }) };
    case 'epoch':
      return { epochs: [...cert.epochs, epochOf(link.claims, link)] };
    case 'log':
      return { logs: [...cert.logs, { ver, claims: link.claims }] };
    case 'notice':
      return { notices: [...cert.notices, { sid: link.statement.sid, claims: link.claims }] };
    case 'head':
      return { headExpSeconds: link.claims.exp };
    case 'unknown':
      return { updateNeeded: true };
    case 'policy':
    case 'organisation':
    case 'device':
    case 'consent':
      return {};
  }
}

function deviceChange(chain: DeviceChain, link: Link): Partial<DeviceChain> {
  const { ver, iat } = link.claims;
  switch (link.type) {
    case 'device': {
      const { recipient, role } = link.claims;
      const since = ver === 1 ? 0 : ver;
      const term = { ...keyOf(link.claims.key), recipient, role, since, sid: link.statement.sid, revoked: null };
      return { devices: new Map(chain.devices).set(term.kid, term) };
    }
    case 'revocation':
      return { devices: withRevoked(chain.devices, link.claims.kid, { ver, atSeconds: iat }) };
    case 'epoch':
      return { epochs: [...chain.epochs, epochOf(link.claims, link)] };
    case 'consent':
      return { consents: [...chain.consents, { ver, sid: link.statement.sid, claims: link.claims }] };
    case 'unknown':
      return { updateNeeded: true };
    case 'root':
    case 'operator':
    case 'organisation':
    case 'log':
    case 'notice':
    case 'policy':
    case 'head':
      return {};
  }
}

function withOrganisation(directory: Directory, claims: ClaimsByType['organisation']): Directory['organisations'] {
  const record = directory.organisations.get(claims.org);
  const generations = record?.generations ?? new Map<number, DeviceChain>();
  const opened = generations.has(claims.generation)
    ? generations
    : new Map(generations).set(claims.generation, emptyChain(claims));
  const history = [...(record?.history ?? []), { ver: claims.ver, claims }];
  return new Map(directory.organisations).set(claims.org, { org: claims.org, history, generations: opened });
}

function emptyChain(claims: ClaimsByType['organisation']): DeviceChain {
  return {
    generation: claims.generation,
    genesis: claims.genesis,
    links: [],
    epochs: [],
    devices: new Map(),
    consents: [],
    fork: null,
    updateNeeded: false,
  };
}

function withRevoked<Term extends { readonly revoked: unknown }>(
  terms: ReadonlyMap<Kid, Term>,
  kid: Kid,
  revoked: { readonly ver: number; readonly atSeconds: number },
): ReadonlyMap<Kid, Term> {
  const term = terms.get(kid);
  return term === undefined ? terms : new Map(terms).set(kid, { ...term, revoked });
}

function epochOf(claims: ClaimsByType['epoch'], link: Link) {
  return { n: claims.n, ver: claims.ver, sid: link.statement.sid, recipients: claims.recipients };
}

/** The schema has checked the text. */
function keyOf(text: string): { readonly kid: Kid; readonly publicKey: Bytes } {
  const publicKey = parsePublicKey(text);
  if (publicKey === null) throw new TypeError('keyOf: not a checked key');
  return { kid: thumbprint(publicKey), publicKey };
}
