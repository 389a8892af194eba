/** The organisation's calls of `api.ts` over a session and its findings. */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { FindingsVault } from '../vault/findings-vault.ts';
import type { SyncProgress, SyncSummary } from './api/bundles.ts';
import type { ClientError } from './api/client-error.ts';
import type { OrganisationClient } from './api/organisation.ts';
import type { Badges } from './api/profile.ts';
import { checkEnrolment } from './join.ts';
import { beginOwnLoad, discardOwnLoad, ownProfile, readOwnLoads } from './own-load.ts';
import { pullMailbox } from './pull.ts';
import type { PullOptions } from './pull-bundle.ts';
import type { Session } from './session.ts';

/** Makes the organisation's calls. Every change and its audit event share one commit. */
export function makeOrganisationClient(session: Session, findings: FindingsVault): OrganisationClient {
  return {
    beginLoad: () => beginOwnLoad(session, findings),
    ownDomains: () => Promise.resolve(ownProfile(session)?.domains ?? null),
    loads: async () => {
      const loads = await readOwnLoads(session.store);
      if (!loads.ok) throw new TypeError(`loads: ${loads.error.kind}`);
      return loads.value.map(({ summary }) => summary);
    },
    discardLoad: (loadId) => discardOwnLoad(session, findings, loadId),
    query: (query) => Promise.resolve(findings.query(query)),
    window: (token, offset, limit) => Promise.resolve(findings.window(token, offset, Math.min(limit, 1000))),
    ids: (token, from, to) => Promise.resolve(findings.ids(token, from, Math.min(to, from + 100_000))),
    position: (token, id) => Promise.resolve(findings.position(token, id)),
    groups: (token, by, offset, limit) => Promise.resolve(findings.groups(token, by, offset, Math.min(limit, 1000))),
    histogram: (token, field, bars) => Promise.resolve(findings.histogram(token, field, Math.min(bars, 1000))),
    suggest: (text, limit) => Promise.resolve(findings.suggest(text, Math.min(limit, 100))),
    savedViews: () => Promise.resolve(findings.savedViews()),
    saveView: (view) => findings.saveView(view),
    deleteView: (id) => findings.deleteView(id),
    detail: (id) => findings.detail(id),
    overview: () => Promise.resolve(findings.overview()),
    bundles: () => Promise.resolve(findings.bundles()),
    triage: (ids, changes) =>
      findings.triage(ids, changes, (tx) =>
        session.audit.record(tx, { kind: 'triage', operations: ids.length * changes.length, findings: ids.length }),
      ),
    undo: (group) =>
      findings.undo(group, (tx) => session.audit.record(tx, { kind: 'triage', operations: 1, findings: 0 })),
    reveal: async (id, reason) => {
      const detail = await findings.detail(id);
      if (!detail.ok) return detail;
      if (!detail.value.hasSecret) return err({ kind: 'not-found', what: 'secret' });
      // The event is durable before the secret is shown: a full disk hides it.
      const noted = await session.audit.recordAlone({ kind: 'secret_revealed', finding: id, reason });
      return noted.ok ? findings.secret(id) : noted;
    },
    confirmDeletion: async (bundleId) => {
      const bundle = findings.bundles().find((row) => row.bundleId === bundleId);
      if (bundle === undefined) return err({ kind: 'not-found', what: 'bundle' });
      return findings.confirmDeletion(bundleId, (tx) =>
        session.audit.record(tx, { kind: 'wipe', findings: bundle.findings }),
      );
    },
    ownAudit: async (limit) => {
      const rows = await session.audit.ownRows(limit);
      if (!rows.ok) throw new TypeError(`audit: ${rows.error.kind}`);
      return rows.value;
    },
  };
}

/** What an organisation exchanges: enrolment, directory, its mailbox, audit entries. Pending: says so and is no failure. */
export async function syncOrganisation(
  session: Session,
  findings: FindingsVault,
  onProgress: (progress: SyncProgress) => void,
  options: PullOptions = {},
): Promise<Result<SyncSummary, ClientError>> {
  const progress = (stage: SyncProgress['stage']) => onProgress({ stage, doneBytes: 0, totalBytes: 0, rows: 0 });
  progress('directory');
  const enrolment = await checkEnrolment(session);
  if (!enrolment.ok) return enrolment;
  const warnings = (): readonly string[] => (session.http.isClockOff ? ['clock-off'] : []);
  if (enrolment.value.kind !== 'enrolled') {
    progress('done');
    return ok({
      ...NOTHING,
      atMs: session.ports.nowMs(),
      warnings: [...warnings(), `enrolment-${enrolment.value.kind}`],
    });
  }
  const refreshed = await session.directory.refresh();
  if (!refreshed.ok) return refreshed;
  const pulled = await pullMailbox(session, findings, onProgress, options);
  if (!pulled.ok) return pulled;
  progress('audit');
  const proved = await session.witness.contact();
  if (!proved.ok) return proved;
  const sent = await session.audit.upload();
  if (!sent.ok) return sent;
  progress('done');
  return ok({
    ...pulled.value,
    atMs: session.ports.nowMs(),
    requests: 0,
    auditSent: sent.value,
    warnings: [...warnings(), ...pulled.value.warnings],
  });
}

const NOTHING = { bundles: 0, added: 0, merged: 0, withdrawn: 0, requests: 0, auditSent: 0, expired: [] };

/** Numbers beside the organisation's menu. */
export function organisationBadges(findings: FindingsVault): Badges {
  return {
    requests: 0,
    drafts: 0,
    outbox: 0,
    bundles: findings.bundles().length,
    newFindings: findings.figures.untouched,
  };
}
