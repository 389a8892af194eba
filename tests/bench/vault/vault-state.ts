/** What a vault holds, read through the app's own calls: for comparing before and after a death. */
import { checkContinues } from '@sealpost/shared/sealed/audit/continuity';
import type { AuditTip } from '@sealpost/shared/sealed/audit/continuity';
import { AUDIT_ENTRY_BYTES, parseAuditEntry, verifyAuditEntry } from '@sealpost/shared/sealed/audit/entry';
import type { Query } from '@sealpost/shared/opened/query/query';
import type { MemberKeys, VaultState } from './bench-calls.ts';
import type { OpenVault } from './bench-vault.ts';
import { DEPLOYMENT, must, mustParse } from './bench-vault.ts';

const EVERYTHING: Query = { text: '', filters: {}, sort: { by: 'priority', descending: true } };
/** AuditTrail: entries that wait. */
const WAITING = 'audit/';

interface KeptEntry {
  readonly entry: string;
  readonly event: { readonly kind: string };
}

export async function readState(vault: OpenVault, keys: MemberKeys): Promise<VaultState> {
  const { findings, store } = vault;
  const { token, total } = findings.query(EVERYTHING);
  const ids = new Set<string>();
  for (let from = 0; from < total; from += 10_000) {
    for (const id of findings.ids(token, from, Math.min(total, from + 10_000))) ids.add(id);
  }
  const rows = must(await store.getMany('outbox', store.ids('outbox', WAITING))) as unknown as readonly KeptEntry[];
  return {
    findings: total,
    distinctIds: ids.size,
    byState: findings.overview().byState,
    bundles: findings.bundles().map((bundle) => ({ id: bundle.bundleId, findings: bundle.findings })),
    damaged: findings.damaged,
    files: (await vault.backend.segments.list()).length,
    auditKinds: rows.map(({ event }) => event.kind),
    isAuditWhole: await isWhole(rows, new Uint8Array(keys.signingPublicKey), store.auditSeq),
  };
}

/** Each entry signed by this device and chained to the one before, none missing, the last the one that the manifest counts. */
async function isWhole(rows: readonly KeptEntry[], publicKey: Uint8Array, lastSeq: number): Promise<boolean> {
  const deployment = mustParse(DEPLOYMENT, 32);
  let tip: AuditTip | null = null;
  for (const { entry } of rows) {
    const parsed = parseAuditEntry(mustParse(entry, AUDIT_ENTRY_BYTES));
    if (!parsed.ok || !(await verifyAuditEntry(parsed.value, deployment, publicKey))) return false;
    if (checkContinues(tip, parsed.value, null) !== 'next') return false;
    tip = { seq: parsed.value.seq, leaf: parsed.value.leaf };
  }
  return (tip?.seq ?? 0) === lastSeq;
}
