/** Takes a sealed bundle into a vault as the app's pull does: fetched in parts, opened, checked, unpacked into the vault. */
import { err, ok } from '@sealpost/shared/base/result';
import type { Result } from '@sealpost/shared/base/result';
import type { BundleMetadata } from '@sealpost/shared/opened/bundle/columns';
import type { BundleSink } from '@sealpost/shared/opened/bundle/bundle-sink';
import type { ReadBundle } from '@sealpost/shared/opened/bundle/read-bundle';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import { downloadBlob } from '@sealpost/shared/opened/client/blob-download';
import { toListedError } from '@sealpost/shared/opened/client/open-listed';
import type { Session } from '@sealpost/shared/opened/client/session';
import type { ImportOptions, ImportSummary } from '@sealpost/shared/opened/vault/findings-vault';
import { importAgeIdentity } from '@sealpost/shared/sealed/crypto/age';
import type { OrgId } from '@sealpost/shared/sealed/envelope/heads';
import { openEnvelopeBy } from '@sealpost/shared/sealed/envelope/open';
import type { SealedBundle } from './bench-calls.ts';
import type { OpenVault } from './bench-vault.ts';
import { DEPLOYMENT, mustParse } from './bench-vault.ts';

/** Fetches `bundle` from the bench's server and takes it in, with its audit entry. `read` says who unpacks it. */
export async function importBundle(
  { findings, http, audit }: OpenVault,
  bundle: SealedBundle,
  read: ReadBundle,
  options: Pick<ImportOptions, 'signal' | 'onProgress'> = {},
): Promise<Result<ImportSummary, ClientError>> {
  const { id, size } = bundle;
  const identities = [await importAgeIdentity(bundle.readSecret)];
  // All that a download needs of a session.
  const session = { http, identity: { deployment: DEPLOYMENT } } as unknown as Session;
  return findings.importBundle(
    id,
    async (sink) => {
      const sealed = downloadBlob(session, bundle.sha256, size, () => undefined, options.signal);
      const noting = new NotingSink(sink);
      const opened = await openEnvelopeBy((file) => read(file, noting), {
        sealed,
        expected: { sha256: mustParse(bundle.sha256, 32), size },
        identities,
        expect: { kinds: ['bundle'], org: bundle.org as OrgId, generation: 1 },
        maySign: async () => mustParse(bundle.signer, 32),
        nowMs: Date.now(),
      });
      if (!opened.ok) return err(sealed.failure ?? toListedError(opened.error));
      const { tlp, caveat, policy, withheld } = noting.metadata;
      return ok({ tlp, caveat, policy, withheld, publishedAtMs: opened.value.claims.iat * 1000 });
    },
    {
      ...options,
      also: (tx, summary) => audit.record(tx, { kind: 'bundle_opened', bundle: id, findings: summary.findings }),
    },
  );
}

/** Keeps what the bundle says of itself, and passes all on. */
class NotingSink implements BundleSink {
  readonly #sink: BundleSink;
  #metadata: BundleMetadata | null = null;

  constructor(sink: BundleSink) {
    this.#sink = sink;
  }

  get metadata(): BundleMetadata {
    if (this.#metadata === null) throw new TypeError('a bundle without metadata');
    return this.#metadata;
  }

  begin(metadata: BundleMetadata): Promise<void> {
    this.#metadata = metadata;
    return this.#sink.begin(metadata);
  }

  identities(dictionary: Parameters<BundleSink['identities']>[0]): Promise<void> {
    return this.#sink.identities(dictionary);
  }

  batch(columns: Parameters<BundleSink['batch']>[0]): Promise<void> {
    return this.#sink.batch(columns);
  }
}
