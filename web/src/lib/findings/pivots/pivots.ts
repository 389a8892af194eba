/** From one finding to all of the same account, computer, password, site or source. */
import type { Finding } from '@sealpost/shared/opened/finding/finding';
import type { Row } from '@sealpost/shared/opened/query/query';

export interface Pivot {
  readonly field: 'identity' | 'machine' | 'secret' | 'host' | 'source';
  readonly value: string;
  /** As a person knows it; `null` for what has no text, like a fingerprint. Leaked text. */
  readonly text: string | null;
}

/** What a row of the list knows. */
export function pivotsOfRow({ identity, host, sourceAlias }: Row): readonly Pivot[] {
  const all: readonly Pivot[] = [
    { field: 'identity', value: identity, text: identity },
    { field: 'host', value: host, text: host },
    { field: 'source', value: sourceAlias, text: sourceAlias },
  ];
  return all.filter(({ value }) => value !== '');
}

/** Everything that leads on from a finding; its password only where the bundle released fingerprints. */
export function pivotsOf({ identity, machine, machineName, secret, host, sourceAlias }: Finding): readonly Pivot[] {
  const all: readonly Pivot[] = [
    { field: 'identity', value: identity, text: identity },
    { field: 'machine', value: machine ?? '', text: machineName },
    { field: 'secret', value: secret.secretFp ?? '', text: null },
    { field: 'host', value: host, text: host },
    { field: 'source', value: sourceAlias, text: sourceAlias },
  ];
  return all.filter(({ value }) => value !== '');
}
