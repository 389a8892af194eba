/**
 * Sealed files: uploaded in parts that can be resumed, served to members of a mailbox that lists them. Order of every step:
 * bytes durable, then the row, then the answer; a delivery is on record before its first byte goes out.
 */
import { Hono } from 'hono';
import type { Context } from 'hono';
import { parseBase64url } from '@sealpost/shared/base/base64url';
import { BLOB_PART_BYTES, MAX_BLOB_BYTES, MAX_DEVICE_BYTES } from '@sealpost/shared/sealed/wire/limits';
import { ROUTES, UPLOAD_OFFSET_HEADER } from '@sealpost/shared/sealed/wire/paths';
import type { Deps } from '../deps.ts';
import type { Guard, Member } from '../guard/caller.ts';
import type { BlobRow } from '../store/blobs.ts';
import { isAgeFile, MIN_AGE_BYTES } from '../blobs/age-file.ts';
import { giveBack } from '../guard/body.ts';
import { isOperator, writeOnce } from '../guard/caller.ts';
import { parseCount } from '../guard/json.ts';
import { refuse } from '../guard/problems.ts';
import { appendOwn, halfId } from '../log/own-entries.ts';
import { bytesOf, deleteUpload, findBlob, findUpload, hasExpired, insertBlob, saveUpload } from '../store/blobs.ts';
import { noteDelivery, noteEnd } from '../store/deliveries.ts';
import { listingsOf } from '../store/manifests.ts';
import { answerWith, outgoingOf } from '../raw-body.ts';
import { mayRead } from './access.ts';

/** PUT, GET and HEAD `/:deployment/blobs/:sha256`. */
export function blobRoutes(deps: Deps, guard: Guard): Hono {
  const app = new Hono();
  const uploading = new Map<string, Promise<unknown>>();

  /** One part after the other for each file: two clients that resume the same upload never write over each other. */
  async function inTurn(key: string, work: () => Promise<Response>): Promise<Response> {
    const before = uploading.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    uploading.set(key, mine);
    try {
      return await mine;
    } finally {
      if (uploading.get(key) === mine) uploading.delete(key);
    }
  }

  async function takePart(c: Context, caller: Member): Promise<Response> {
    const sha256 = c.req.param('sha256') ?? '';
    const offset = parseCount(c.req.query('offset') ?? '0');
    const size = parseCount(c.req.query('size') ?? String(caller.body.length));
    if (parseBase64url(sha256, 32) === null || offset === null || size === null || size < MIN_AGE_BYTES)
      return refuse('bad-request');
    if (size > MAX_BLOB_BYTES) return refuse('too-large');
    if (caller.role.kind === 'root' || caller.role.status !== 'active') return refuse('forbidden');
    return inTurn(`${caller.deployment}/${sha256}`, () => putPart(deps, c, caller, { sha256, offset, size }));
  }

  app.put(ROUTES.blob, async (c) => {
    const caller = await guard.member(c, BLOB_PART_BYTES);
    if (!caller.ok) return caller.error;
    try {
      return await takePart(c, caller.value);
    } finally {
      giveBack(caller.value.body);
    }
  });

  app.get(ROUTES.blob, async (c) => {
    // HEAD is answered by this handler, too: Hono drops the body
    const caller = await guard.member(c, 0);
    if (!caller.ok) return caller.error;
    const sha256 = c.req.param('sha256');
    if (parseBase64url(sha256, 32) === null) return refuse('bad-request');
    const { deployment } = caller.value;
    const blob = await findBlob(deps.reader, deployment, sha256);
    if (c.req.method === 'HEAD') return headBlob(deps, caller.value, sha256, blob);

    const listings = await listingsOf(deps.reader, deployment, sha256);
    const readable = listings.filter(({ org, feed }) => mayRead(caller.value, org, feed));
    if (readable.length === 0) return refuse('not-found');
    if (blob === null) return refuse((await hasExpired(deps.reader, deployment, sha256)) ? 'gone' : 'not-found');
    return getBlob(deps, c, caller.value, sha256, blob.size, readable);
  });

  return app;
}

interface Part {
  readonly sha256: string;
  readonly offset: number;
  readonly size: number;
}

async function putPart(deps: Deps, c: Context, caller: Member, { sha256, offset, size }: Part): Promise<Response> {
  const { deployment, body } = caller;
  const key = { deployment, sha256 };
  const stored = await findBlob(deps.reader, deployment, sha256);
  if (stored !== null) return c.body(null, 200, { [UPLOAD_OFFSET_HEADER]: String(stored.size) });

  const upload = await findUpload(deps.reader, deployment, sha256);
  const received = upload === null ? 0 : upload.received;
  const held = { [UPLOAD_OFFSET_HEADER]: String(received) };
  if (offset + body.length > size || body.length === 0 || (upload !== null && upload.size !== size))
    return refuse('bad-request', {}, held);
  if (offset + body.length <= received) return c.body(null, 200, held); // this part is here already
  if (offset !== received) return refuse('conflict', {}, held);
  if (offset === 0 && !isAgeFile(body)) return refuse(body.length < MIN_AGE_BYTES ? 'bad-request' : 'refused');
  const isOverShare = async (): Promise<boolean> =>
    (await bytesOf(deps.reader, deployment, caller.kid)) + size > MAX_DEVICE_BYTES;
  if (upload === null && !isOperator(caller) && (await isOverShare())) return refuse('storage-full');
  if ((await deps.blobs.freeBytes()) < deps.reserveBytes + size - received) return refuse('storage-full');

  // another process must see, before the bytes are there, that somebody wants them: it may be deleting them
  if (upload === null && deps.store.isShared) {
    const begun = { size, received: 0, uploadedBy: caller.kid };
    await deps.sequencer.submit((unit) => saveUpload(unit.trx, deployment, sha256, begun, deps.now()));
  }
  const written = await deps.blobs.writePart(key, offset, body);
  if (!written.ok) {
    if (written.error.kind === 'no-space') return refuse('storage-full', {}, held);
    // the bytes before are gone: begin again
    await deps.sequencer.submit((unit) => deleteUpload(unit.trx, deployment, sha256));
    return refuse('conflict', {}, { [UPLOAD_OFFSET_HEADER]: '0' });
  }
  const now = offset + body.length;
  const done = { [UPLOAD_OFFSET_HEADER]: String(now) };
  if (now < size) {
    return writeOnce(deps, caller, async (unit) => {
      await saveUpload(unit.trx, deployment, sha256, { size, received: now, uploadedBy: caller.kid }, deps.now());
      return c.body(null, 202, done);
    });
  }
  const finished = await deps.blobs.finish(key, size);
  if (!finished.ok) {
    await deps.sequencer.submit((unit) => deleteUpload(unit.trx, deployment, sha256));
    return refuse(
      finished.error.kind === 'wrong-hash' ? 'digest-mismatch' : 'conflict',
      {},
      { [UPLOAD_OFFSET_HEADER]: '0' },
    );
  }
  return writeOnce(deps, caller, async (unit) => {
    await insertBlob(unit.trx, deployment, sha256, { size, uploadedBy: caller.kid }, deps.now());
    return c.body(null, 201, done);
  });
}

/** How far an upload has come, for whoever may upload; the size of a stored file, or that it expired. */
async function headBlob(deps: Deps, caller: Member, sha256: string, blob: BlobRow | null): Promise<Response> {
  const { deployment, kid } = caller;
  const mayLook = async (): Promise<boolean> =>
    isOperator(caller) ||
    (await listingsOf(deps.reader, deployment, sha256)).some(({ org, feed }) => mayRead(caller, org, feed));
  if (blob !== null) {
    if (blob.uploadedBy !== kid && !(await mayLook())) return refuse('not-found');
    return new Response(null, {
      headers: {
        [UPLOAD_OFFSET_HEADER]: String(blob.size),
        'Content-Length': String(blob.size),
        'Accept-Ranges': 'bytes',
        ETag: `"${sha256}"`,
      },
    });
  }
  const upload = await findUpload(deps.reader, deployment, sha256);
  if (upload === null)
    return refuse((await hasExpired(deps.reader, deployment, sha256)) && (await mayLook()) ? 'gone' : 'not-found');
  return new Response(null, { headers: { [UPLOAD_OFFSET_HEADER]: String(upload.received) } });
}

async function getBlob(
  deps: Deps,
  c: Context,
  caller: Member,
  sha256: string,
  size: number,
  listings: readonly { readonly org: string; readonly id: string }[],
): Promise<Response> {
  const etag = `"${sha256}"`;
  const headers: Record<string, string> = {
    ETag: etag,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, max-age=31536000, immutable',
    'Content-Disposition': 'attachment',
    'Content-Type': 'application/octet-stream',
  };
  if (c.req.header('If-None-Match') === etag) return c.body(null, 304, headers);
  const ifRange = c.req.header('If-Range');
  const range = ifRange === undefined || ifRange === etag ? parseRange(c.req.header('Range'), size) : 'whole';
  if (range === 'bad') return refuse('bad-range', {}, { 'Content-Range': `bytes */${size}` });
  const [start, end] = range === 'whole' ? [0, size] : range;

  const key = { deployment: caller.deployment, sha256 };
  const outgoing = outgoingOf(c);
  const raw = outgoing === null ? undefined : await deps.blobs.send?.(key, start, end);
  const body = raw === undefined ? await deps.blobs.read(key, size, start, end) : raw;
  if (body === null) throw new Error('A stored file is missing.');
  const isOpen = await recordDelivery(deps, caller, sha256, listings).catch(async (error: unknown) => {
    await (body instanceof ReadableStream ? body.cancel() : body.drop());
    throw error;
  });
  if (isOpen && end === size) outgoing?.once('finish', () => void recordEnd(deps, caller, sha256)); // never if it broke off before
  headers['Content-Length'] = String(end - start);
  if (range !== 'whole') headers['Content-Range'] = `bytes ${start}-${end - 1}/${size}`;
  if (outgoing !== null && !(body instanceof ReadableStream)) answerWith(outgoing, body);
  const stream = body instanceof ReadableStream ? (body as ReadableStream<Uint8Array<ArrayBuffer>>) : null;
  return new Response(stream, { status: range === 'whole' ? 200 : 206, headers });
}

/** A repeat is counted; the first one of a device is an entry of the log. `true` if this device was not handed the end of it yet. */
async function recordDelivery(
  deps: Deps,
  caller: Member,
  sha256: string,
  listings: readonly { readonly org: string; readonly id: string }[],
): Promise<boolean> {
  const { deployment, directory, kid } = caller;
  return deps.sequencer.submit(async (unit) => {
    if ((await deps.directories.inUnit(unit, deployment)) === null) return false;
    let [first, open] = [false, false];
    for (const { org, id } of listings) {
      const noted = await noteDelivery(unit.trx, { deployment, org, item: id, sha256, kid }, deps.now());
      first ||= noted.isFirst;
      open ||= noted.isOpen;
    }
    if (!first) return open;
    await appendOwn(deps, unit, directory, [{ kind: 'envelope_delivered', blob: halfId(sha256), device: halfId(kid) }]);
    unit.after(() => deps.changes.announce(deployment));
    return open;
  });
}

/** The last byte is on the line. If this cannot be written down, the file is kept for longer: nothing else depends on it. */
async function recordEnd(deps: Deps, { deployment, kid }: Member, sha256: string): Promise<void> {
  await deps.sequencer
    .submit((unit) => noteEnd(unit.trx, { deployment, sha256, kid }, deps.now()))
    .catch(() => undefined);
}

/** One range of bytes (RFC 9110, 14.1.2), end exclusive. Several ranges are answered with the whole file, as the RFC allows. */
function parseRange(header: string | undefined, size: number): readonly [number, number] | 'whole' | 'bad' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return 'whole';
  if (match[1] === '') {
    const last = Number(match[2]);
    return last === 0 ? 'bad' : [Math.max(0, size - last), size];
  }
  const start = Number(match[1]);
  const end = match[2] === '' ? size : Math.min(size, Number(match[2]) + 1);
  return start >= size || end <= start ? 'bad' : [start, end];
}
