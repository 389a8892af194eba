/** The kinds of envelope: who may sign each, and whom it is sealed to (FORMATS, Envelope). A new feature is a new row. */

/** Who signs: a role in the chains, `enrolling` (the device itself, at enrolment), or `unlisted` (a key in no chain yet). */
export type EnvelopeSigner = 'operator' | 'admin' | 'analyst' | 'on-call' | 'enrolling' | 'unlisted';

/** Which recipients a kind is sealed to; where there are two, there is one file for each. */
export type EnvelopeReaders =
  | 'cert-read'
  | 'cert-intake'
  | 'org-read'
  | 'org-secrets'
  | 'operators'
  | 'devices-and-recovery'
  | 'request-device';

interface KindRules {
  readonly signers: readonly EnvelopeSigner[];
  readonly readers: readonly EnvelopeReaders[];
}

/** The table. `triage` by `on-call` is further limited in content: state, comment, itself as owner. */
export const ENVELOPE_KINDS = {
  profile: { signers: ['operator'], readers: ['cert-read', 'org-read'] },
  bundle: { signers: ['operator'], readers: ['org-read'] },
  secrets: { signers: ['operator'], readers: ['org-secrets'] },
  withdrawal: { signers: ['operator'], readers: ['org-read'] },
  advisory: { signers: ['operator'], readers: ['org-read'] },
  grant: { signers: ['admin', 'enrolling'], readers: ['devices-and-recovery'] },
  triage: { signers: ['analyst', 'admin', 'on-call'], readers: ['org-read'] },
  outcome: { signers: ['admin', 'analyst'], readers: ['cert-read'] },
  incident: { signers: ['admin', 'analyst'], readers: ['cert-read'] },
  'access-request': { signers: ['unlisted'], readers: ['cert-intake'] },
  watch: { signers: ['operator'], readers: ['cert-read'] },
  list: { signers: ['operator'], readers: ['cert-read'] },
  published: { signers: ['operator'], readers: ['cert-read'] },
  draft: { signers: ['operator'], readers: ['cert-read'] },
  'ingest-key': { signers: ['operator'], readers: ['operators'] },
  'purpose-key': { signers: ['operator'], readers: ['org-secrets'] },
  decision: { signers: ['operator'], readers: ['request-device'] },
} as const satisfies Readonly<Record<string, KindRules>>;

/** Kind of an envelope; its statement has `typ: sealpost-<kind>+jws`. */
export type EnvelopeKind = keyof typeof ENVELOPE_KINDS;

/** Reads a kind; `null` for all others, which are refused. */
export function parseEnvelopeKind(text: string): EnvelopeKind | null {
  return Object.hasOwn(ENVELOPE_KINDS, text) ? (text as EnvelopeKind) : null;
}

/** True if somebody with `role` may sign `kind` at all. */
export function maySignKind(role: EnvelopeSigner, kind: EnvelopeKind): boolean {
  const signers: readonly EnvelopeSigner[] = ENVELOPE_KINDS[kind].signers;
  return signers.includes(role);
}
