/** What the server knows of sealed files: size, who put them there, how far an upload has come. */
import type { Reader, Writer } from './schema.ts';

export interface BlobRow {
  readonly size: number;
  readonly uploadedBy: string;
}

export interface UploadRow {
  readonly size: number;
  readonly received: number;
}

/** A stored file whose bytes are here, or `null`. */
export async function findBlob(db: Reader | Writer, deployment: string, sha256: string): Promise<BlobRow | null> {
  const row = await db
    .selectFrom('blobs')
    .select(['size', 'uploaded_by'])
    .where('deployment', '=', deployment)
    .where('sha256', '=', sha256)
    .where('expired_at', 'is', null)
    .executeTakeFirst();
  return row === undefined ? null : { size: row.size, uploadedBy: row.uploaded_by };
}

/** True for a file that was here until it expired. */
export async function hasExpired(db: Reader | Writer, deployment: string, sha256: string): Promise<boolean> {
  const row = await db
    .selectFrom('blobs')
    .select('expired_at')
    .where('deployment', '=', deployment)
    .where('sha256', '=', sha256)
    .where('expired_at', 'is not', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Bytes that `kid` has stored, or announced in uploads that are not finished. */
export async function bytesOf(db: Reader | Writer, deployment: string, kid: string): Promise<number> {
  const stored = await db
    .selectFrom('blobs')
    .select((t) => t.fn.sum<number | null>('size').as('sum'))
    .where('deployment', '=', deployment)
    .where('uploaded_by', '=', kid)
    .where('expired_at', 'is', null)
    .executeTakeFirst();
  const announced = await db
    .selectFrom('uploads')
    .select((t) => t.fn.sum<number | null>('size').as('sum'))
    .where('deployment', '=', deployment)
    .where('uploaded_by', '=', kid)
    .executeTakeFirst();
  return Number(stored?.sum ?? 0) + Number(announced?.sum ?? 0);
}

/** An unfinished upload, or `null`. */
export async function findUpload(db: Reader | Writer, deployment: string, sha256: string): Promise<UploadRow | null> {
  const row = await db
    .selectFrom('uploads')
    .select(['size', 'received'])
    .where('deployment', '=', deployment)
    .where('sha256', '=', sha256)
    .executeTakeFirst();
  return row ?? null;
}

/** Notes how much of an upload is durable. */
export async function saveUpload(
  trx: Writer,
  deployment: string,
  sha256: string,
  upload: UploadRow & { readonly uploadedBy: string },
  nowMs: number,
): Promise<void> {
  const { size, received, uploadedBy } = upload;
  await trx
    .insertInto('uploads')
    .values({ deployment, sha256, size, received, uploaded_by: uploadedBy, touched_at: nowMs })
    .onConflict((c) => c.columns(['deployment', 'sha256']).doUpdateSet({ size, received, touched_at: nowMs }))
    .execute();
}

/** Forgets an upload. */
export async function deleteUpload(trx: Writer, deployment: string, sha256: string): Promise<void> {
  await trx.deleteFrom('uploads').where('deployment', '=', deployment).where('sha256', '=', sha256).execute();
}

/** Turns a finished upload into a stored file, also one that had expired. */
export async function insertBlob(
  trx: Writer,
  deployment: string,
  sha256: string,
  blob: BlobRow,
  nowMs: number,
): Promise<void> {
  await deleteUpload(trx, deployment, sha256);
  await trx
    .insertInto('blobs')
    .values({ deployment, sha256, size: blob.size, uploaded_by: blob.uploadedBy, stored_at: nowMs, expired_at: null })
    .onConflict((c) =>
      c
        .columns(['deployment', 'sha256'])
        .doUpdateSet({ uploaded_by: blob.uploadedBy, stored_at: nowMs, expired_at: null })
        .where('blobs.expired_at', 'is not', null),
    )
    .execute();
}

/** Deletes a stored file's row; `true` if its bytes were there until now. */
export async function deleteBlob(trx: Writer, deployment: string, sha256: string): Promise<boolean> {
  const row = await trx
    .deleteFrom('blobs')
    .where('deployment', '=', deployment)
    .where('sha256', '=', sha256)
    .returning('expired_at')
    .executeTakeFirst();
  return row !== undefined && row.expired_at === null;
}

/** Notes that a file's bytes go; `false` if they were gone already. */
export async function expireBlob(trx: Writer, deployment: string, sha256: string, nowMs: number): Promise<boolean> {
  const done = await trx
    .updateTable('blobs')
    .set({ expired_at: nowMs })
    .where('deployment', '=', deployment)
    .where('sha256', '=', sha256)
    .where('expired_at', 'is', null)
    .executeTakeFirst();
  return Number(done.numUpdatedRows) === 1;
}

/** Every upload, for the sweep. */
export async function allUploads(
  db: Reader | Writer,
  deployment: string,
): Promise<readonly { readonly sha256: string; readonly received: number; readonly touchedAtMs: number }[]> {
  const rows = await db
    .selectFrom('uploads')
    .select(['sha256', 'received', 'touched_at'])
    .where('deployment', '=', deployment)
    .execute();
  return rows.map((row) => ({ sha256: row.sha256, received: row.received, touchedAtMs: row.touched_at }));
}

/** Names of every stored file whose bytes are here, for the sweep. */
export async function allBlobs(db: Reader | Writer, deployment: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('blobs')
    .select('sha256')
    .where('deployment', '=', deployment)
    .where('expired_at', 'is', null)
    .execute();
  return rows.map((row) => row.sha256);
}

/** Files that no manifest lists and that were stored before `beforeMs`. */
export async function unlistedBlobs(
  db: Reader | Writer,
  deployment: string,
  beforeMs: number,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('blobs as b')
    .select('b.sha256')
    .where('b.deployment', '=', deployment)
    .where('b.stored_at', '<', beforeMs)
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom('items as i')
            .select('i.id')
            .whereRef('i.deployment', '=', 'b.deployment')
            .whereRef('i.sha256', '=', 'b.sha256'),
        ),
      ),
    )
    .execute();
  return rows.map((row) => row.sha256);
}
