/** Writes a load into a folder of drafts, together with what an earlier load left there. `draft.json` comes last. */
import { join } from 'node:path';
import { utf8 } from '@sealpost/shared/base/bytes';
import type { SecretOf } from '@sealpost/shared/opened/bundle/pack';
import {
  DRAFT_FILE,
  findingsFile,
  LEDGER_FILE,
  QUARANTINE_FILE,
  secretsFile,
} from '@sealpost/shared/opened/client/draft-file';
import type { DraftedOrganisation, DraftFile } from '@sealpost/shared/opened/client/draft-file';
import type { DraftResult } from '@sealpost/shared/opened/finding/draft';
import type { Finding } from '@sealpost/shared/opened/finding/finding';
import { findingToLine } from '@sealpost/shared/opened/finding/finding-json';
import { KEY_VERSION } from '@sealpost/shared/opened/finding/fingerprint';
import { mergeFindings } from '@sealpost/shared/opened/finding/merge';
import { addTotals } from '@sealpost/shared/opened/ingest/ledger';
import type { Ledger } from '@sealpost/shared/opened/ingest/record';
import { MODEL_V1 } from '@sealpost/shared/opened/risk/model-v1';
import { sealAge } from '@sealpost/shared/sealed/crypto/age';
import { makeFolder, readLedger, readQuarantineText, secretToLine } from './draft-folder.ts';
import { escapeJson, toJsonLine } from './escape.ts';
import type { LoadedMaterial } from './material-sink.ts';
import { PrivateFile } from './private-file.ts';
import type { Placement } from './private-file.ts';

export interface DraftInput {
  readonly deployment: string | null;
  readonly loadId: string;
  readonly nowMs: number;
  readonly material: LoadedMaterial;
  readonly results: Iterable<readonly [listId: string, result: DraftResult]>;
  readonly nameOf: (listId: string) => string;
  /** age recipient of the CERT's `secrets`; `null`: no secret is written at all. */
  readonly secretsTo: string | null;
  /** What the folder held before; findings of organisations that it was published for are left out. */
  readonly before: DraftFile | null;
  readonly findingsBefore: (listId: string) => Promise<readonly Finding[]>;
  readonly secretsBefore: (listId: string) => Promise<readonly SecretOf[]>;
}

/** What a load gave one organisation. */
export interface DraftedCounts {
  readonly listId: string;
  readonly name: string;
  readonly findings: number;
  /** Ids never seen before; the others are new sightings. */
  readonly added: number;
}

/**
 * Writes all files under temporary names, then puts them in place. Files of organisations without drafts are not touched. `onReady`,
 * if given, notes what is to be placed: whoever finds that note places them, should this process end in between.
 */
export async function writeDraft(
  folder: string,
  input: DraftInput,
  onReady: (counts: readonly DraftedCounts[], placements: readonly Placement[]) => Promise<void> = () =>
    Promise.resolve(),
): Promise<readonly DraftedCounts[]> {
  await makeFolder(folder);
  const files: PrivateFile[] = [];
  try {
    const organisations: DraftedOrganisation[] = [];
    const counts: DraftedCounts[] = [];
    for (const [listId, result] of input.results) {
      if (result.counts.findings === 0) continue;
      organisations.push(await writeOrganisation(folder, listId, result, input, files));
      const { findings, added } = result.counts;
      counts.push({ listId, name: input.nameOf(listId), findings, added });
    }
    const written = new Set(organisations.map(({ listId }) => listId));
    for (const old of input.before?.organisations ?? []) {
      if (!written.has(old.listId)) organisations.push(old);
    }
    await writeLedger(folder, input.material.ledger, files, input.before !== null);
    await writeQuarantine(folder, input, files);
    const draft: DraftFile = {
      format: 'sealpost-draft/1',
      deployment: input.deployment,
      loads: [...(input.before?.loads ?? []), input.loadId],
      keyVersion: KEY_VERSION,
      modelVersion: MODEL_V1.version,
      madeAtMs: input.nowMs,
      organisations: organisations.sort((a, b) => (a.listId < b.listId ? -1 : 1)),
      sources: [...(input.before?.sources ?? []), ...input.material.sources],
    };
    const file = await PrivateFile.create(join(folder, DRAFT_FILE));
    files.push(file);
    await file.line(toJsonLine(draft));
    const placements: Placement[] = [];
    for (const one of files) placements.push(await one.finish());
    await onReady(counts, placements);
    for (const one of files) one.leave();
    while (files.length > 0) await (files.shift() as PrivateFile).place();
    return counts;
  } finally {
    for (const file of files) await file.discard();
  }
}

async function writeOrganisation(
  folder: string,
  listId: string,
  result: DraftResult,
  input: DraftInput,
  files: PrivateFile[],
): Promise<DraftedOrganisation> {
  const before = new Map((await input.findingsBefore(listId)).map((finding) => [finding.id, finding]));
  const file = await PrivateFile.create(join(folder, findingsFile(listId)));
  files.push(file);
  let findings = 0;
  const put = async (finding: Finding) => {
    await file.line(escapeJson(findingToLine(finding)));
    findings++;
  };
  for (const { finding } of result.findings()) {
    const old = before.get(finding.id);
    before.delete(finding.id);
    await put(old === undefined ? finding : mergeFindings(old, finding));
  }
  for (const finding of before.values()) await put(finding);
  const hasSecrets = await writeSecrets(folder, listId, result, input, files);
  const name = input.nameOf(listId);
  return { listId, name, findings, file: findingsFile(listId), secretsFile: hasSecrets ? secretsFile(listId) : null };
}

async function writeSecrets(
  folder: string,
  listId: string,
  result: DraftResult,
  { secretsTo, secretsBefore }: DraftInput,
  files: PrivateFile[],
): Promise<boolean> {
  if (secretsTo === null) return false;
  const byId = new Map((await secretsBefore(listId)).map((secret) => [secret.id, secret]));
  for (const secret of result.secrets()) byId.set(secret.id, secret);
  if (byId.size === 0) return false;
  const plain = utf8([...byId.values()].map((secret) => `${secretToLine(secret)}\n`).join(''));
  const file = await PrivateFile.create(join(folder, secretsFile(listId)));
  files.push(file);
  await file.write(await sealAge(plain, [secretsTo]));
  plain.fill(0);
  return true;
}

async function writeLedger(folder: string, ledger: Ledger, files: PrivateFile[], adds: boolean): Promise<void> {
  const before = adds ? await readLedger(folder) : null;
  const whole: Ledger =
    before === null
      ? ledger
      : { total: addTotals([before.total, ledger.total]), sources: [...before.sources, ...ledger.sources] };
  const file = await PrivateFile.create(join(folder, LEDGER_FILE));
  files.push(file);
  await file.line(toJsonLine(whole));
}

async function writeQuarantine(folder: string, { material, before }: DraftInput, files: PrivateFile[]): Promise<void> {
  const file = await PrivateFile.create(join(folder, QUARANTINE_FILE));
  files.push(file);
  if (before !== null) await file.write(Buffer.from(await readQuarantineText(folder)));
  for (const { reason, entry, offset, length } of material.quarantine) {
    await file.line(toJsonLine({ reason, entry, offset, length }));
  }
}
