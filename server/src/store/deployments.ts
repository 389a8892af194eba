/** Deployments: one CERT each, named by the sid of its first root statement; made-up ones end by themselves. */
import type { Reader, Writer } from './schema.ts';

export interface DeploymentRow {
  readonly id: string;
  readonly demo: boolean;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
}

/** One deployment, or `null`. */
export async function findDeployment(db: Reader | Writer, id: string): Promise<DeploymentRow | null> {
  const row = await db.selectFrom('deployments').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : toDeployment(row);
}

/** All of them, oldest first. */
export async function allDeployments(db: Reader | Writer): Promise<readonly DeploymentRow[]> {
  const rows = await db.selectFrom('deployments').selectAll().orderBy('created_at').execute();
  return rows.map(toDeployment);
}

/** A new one; its statements follow in the same transaction. */
export async function insertDeployment(trx: Writer, row: DeploymentRow): Promise<void> {
  await trx
    .insertInto('deployments')
    .values({ id: row.id, demo: row.demo ? 1 : 0, created_at: row.createdAtMs, expires_at: row.expiresAtMs })
    .execute();
}

/** Deletes a deployment with every row that belongs to it. */
export async function deleteDeployment(trx: Writer, id: string): Promise<void> {
  // items point at blobs, and payloads at entries: those go first, the rest follows the deployment
  await trx.deleteFrom('items').where('deployment', '=', id).execute();
  await trx.deleteFrom('log_payloads').where('deployment', '=', id).execute();
  await trx.deleteFrom('deployments').where('id', '=', id).execute();
}

function toDeployment(row: { id: string; demo: number; created_at: number; expires_at: number | null }): DeploymentRow {
  return { id: row.id, demo: row.demo === 1, createdAtMs: row.created_at, expiresAtMs: row.expires_at };
}
