/**
 * `evidence`: where a finding stood in the material, and, given the original, that it can be derived from it again: hash of the source,
 * entry, offset, the bytes there, and the finding's id made anew from them. On record before it is shown.
 */
import { parseBase64url, toBase64url } from '@sealpost/shared/base/base64url';
import { concatBytes, toHex } from '@sealpost/shared/base/bytes';
import type { FindingOrigin } from '@sealpost/shared/opened/client/api/loading';
import { readConstituency, toWatchList } from '@sealpost/shared/opened/client/constituency';
import { draftBuilders } from '@sealpost/shared/opened/client/draft-builders';
import { readLoads } from '@sealpost/shared/opened/client/load';
import { readOrigins } from '@sealpost/shared/opened/client/provenance';
import type { Session } from '@sealpost/shared/opened/client/session';
import type { FindingId } from '@sealpost/shared/opened/finding/finding';
import { hashSource } from '@sealpost/shared/opened/ingest/hash-source';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import type { LoadedRecord } from '@sealpost/shared/opened/ingest/record';
import { compileWatch } from '@sealpost/shared/opened/match/match';
import { sha256 } from '@sealpost/shared/sealed/crypto/hash';
import type { Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { withOperator } from '../home.ts';
import { readLibarchive } from '../load-material.ts';
import { sendRecord } from '../send-record.ts';
import { readSources } from '../source-files.ts';
import type { DiskSource } from '../source-files.ts';

export const evidence: Command = {
  name: 'evidence',
  summary: 'show where a finding stood in the material, and derive it again from the original; audited',
  operands: { usage: 'ID', least: 1, most: 1 },
  options: {
    ...HOME_OPTIONS,
    source: { type: 'string', multiple: true, value: 'FILE', help: 'the original file or folder, to derive it from' },
    password: { type: 'string', multiple: true, value: 'TEXT', help: 'tried on encrypted archives' },
    reveal: { type: 'boolean', help: 'show the bytes as they stand, clear secret and all' },
  },
  async run(call, io) {
    const id = call.operands[0] as FindingId;
    if (parseBase64url(id, 16) === null) throw new Failure('that is no finding’s id', 2);
    await withOperator(call, io, async (home) => {
      const { session } = home;
      const origins = orFail(await readOrigins(session.store, id));
      if (origins.length === 0) throw new Failure('this home has loaded no such finding');
      const nameByHash = await sourceNames(session);
      const nameById = new Map(
        orFail(await readConstituency(session.store)).map((one) => [one.listId, one.form.nameEn]),
      );
      const originals = await hashAll(await readSources(call.texts('source'), io));
      const rows: object[] = [];
      for (const origin of origins) {
        const { loadId, listId, entry, offset, length } = origin;
        const original = originals.get(origin.sha256);
        const derived =
          original === undefined ? null : await derive(session, id, origin, original, call.texts('password'));
        rows.push({
          ...{ id, organisation: nameById.get(listId) ?? null, load: loadId },
          source: nameByHash.get(origin.sha256) ?? null,
          sha256: toHex(parseBase64url(origin.sha256, 32) ?? new Uint8Array(0)),
          ...{ entry, offset, length },
          ...(derived === null ? {} : { derived: told(derived, call.flag('reveal')) }),
        });
      }
      orFail(await session.audit.recordAlone({ kind: 'export', format: 'evidence', findings: 1 }));
      await sendRecord(home, io);
      for (const row of rows) await io.json(row);
      if (originals.size > 0 && !origins.some(({ sha256: hash }) => originals.has(hash))) {
        throw new Failure('the files named are none of its sources: their bytes are others');
      }
    });
  },
};

interface Derived {
  readonly record: LoadedRecord | null;
  readonly bytes: Uint8Array;
  /** The same id came out of it. */
  readonly isSame: boolean;
}

function told({ record, bytes, isSame }: Derived, isRevealed: boolean): object {
  return {
    same: isSame,
    bytesSha256: toHex(sha256(bytes)),
    url: record?.url ?? null,
    login: record?.login ?? null,
    ...(isRevealed ? { bytes: new TextDecoder().decode(bytes) } : {}),
  };
}

/** Reads the original up to the finding's entry and makes the finding anew. */
async function derive(
  session: Session,
  id: FindingId,
  { listId, entry, offset, length, sha256: hash }: FindingOrigin,
  original: DiskSource,
  passwords: readonly string[],
): Promise<Derived> {
  const constituency = orFail(await readConstituency(session.store));
  const { matcher } = compileWatch(toWatchList(constituency));
  const nowMs = session.ports.nowMs();
  const builder = await draftBuilders(session, constituency, nowMs)(listId, []);
  const description = {
    ...{ name: original.name, alias: '', sha256: parseBase64url(hash, 32) ?? new Uint8Array(32) },
    ...{ sizeBytes: original.sizeBytes, sourceClass: 'ulp' as const, capturedAtMs: null, publishedAtMs: null },
  } as const;
  const parts: Uint8Array[] = [];
  const done = new AbortController();
  let found: LoadedRecord | null = null;
  await ingestSource(original.files, {
    // Whatever was watched then: every line is looked at.
    watch: null,
    ...{ nowMs, passwords, libarchive: readLibarchive, signal: done.signal },
    onChunk: (path, at, chunk) => {
      if (path !== entry || at >= offset + length || at + chunk.length <= offset) return;
      parts.push(chunk.slice(Math.max(0, offset - at), offset + length - at));
    },
    onRecords: async (records) => {
      for (const record of records) {
        const { provenance } = record;
        if (provenance.entry !== entry || provenance.offset !== offset) continue;
        found = record;
        for (const match of matcher.match(record)) {
          if (match.organisationId === listId) builder.add(record, match, description);
        }
        done.abort();
      }
    },
  });
  const ids = [...builder.finish().findings()].map(({ finding }) => finding.id);
  return { record: found, bytes: concatBytes(...parts), isSame: ids.includes(id) };
}

async function sourceNames({ store }: Session): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const { summary, sourceHashes } of orFail(await readLoads(store))) {
    for (const [at, hash] of sourceHashes.entries()) names.set(hash, summary.sources[at]?.name ?? '');
  }
  return names;
}

async function hashAll(sources: readonly DiskSource[]): Promise<ReadonlyMap<string, DiskSource>> {
  const byHash = new Map<string, DiskSource>();
  for (const source of sources) {
    const hash = await hashSource(source.files);
    if (hash.ok) byHash.set(toBase64url(hash.value), source);
  }
  return byHash;
}
