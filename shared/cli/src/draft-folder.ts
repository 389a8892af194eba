/** A folder of drafts on disk: findings as lines for eyes and tools, clear secrets only as age files. */
import { createReadStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { parseBase64url } from '@sealpost/shared/base/base64url';
import { fromUtf8 } from '@sealpost/shared/base/bytes';
import {
  DRAFT_FILE,
  LEDGER_FILE,
  parseDraftFile,
  parseLedgerFile,
  QUARANTINE_FILE,
} from '@sealpost/shared/opened/client/draft-file';
import type { DraftedOrganisation, DraftFile } from '@sealpost/shared/opened/client/draft-file';
import type { SecretOf } from '@sealpost/shared/opened/bundle/pack';
import type { Finding, FindingId } from '@sealpost/shared/opened/finding/finding';
import { MAX_FINDING_LINE, parseFindingLine } from '@sealpost/shared/opened/finding/finding-json';
import type { Ledger } from '@sealpost/shared/opened/ingest/record';
import { openAgeBytes } from '@sealpost/shared/sealed/crypto/age';
import type { AgeIdentity } from '@sealpost/shared/sealed/crypto/age';
import { Failure } from './command.ts';
import { toTerminal } from './escape.ts';

/** Makes the folder; its files are private, so is it where it is new. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch {
    throw new Failure(`the folder ${path} cannot be made`);
  }
}

/** What a folder holds, `null` if it is no folder of drafts. */
export async function readDraft(folder: string): Promise<DraftFile | null> {
  const bytes = await readIfThere(join(folder, DRAFT_FILE));
  if (bytes === null) return null;
  const parsed = parseDraftFile(bytes);
  if (!parsed.ok) throw new Failure(`${join(folder, DRAFT_FILE)} is damaged or of another version`);
  return parsed.value;
}

/** Findings of one organisation. A file that was cut or changed by hand is refused. */
export async function readFindings(folder: string, { file, findings }: DraftedOrganisation): Promise<Finding[]> {
  const path = join(folder, file);
  const rows: Finding[] = [];
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) {
      if (line.length > MAX_FINDING_LINE) throw new Failure(`${path}: line ${rows.length + 1} is too long`);
      const parsed = parseFindingLine(line);
      if (!parsed.ok) throw new Failure(`${path}: line ${rows.length + 1} is no finding`);
      rows.push(parsed.value);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${path} cannot be read`);
  }
  if (rows.length !== findings) {
    throw new Failure(`${path} holds ${rows.length} findings, ${findings} were written: load the material again`);
  }
  return rows;
}

/** Clear secrets of one organisation, opened with the CERT's `secrets`. */
export async function readSecrets(
  folder: string,
  { secretsFile }: DraftedOrganisation,
  identities: readonly AgeIdentity[],
): Promise<readonly SecretOf[]> {
  if (secretsFile === null) return [];
  const path = join(folder, secretsFile);
  const sealed = await readIfThere(path);
  if (sealed === null) throw new Failure(`${path} is missing`);
  const opened = await openAgeBytes(sealed, identities);
  if (!opened.ok) throw new Failure(`${path} is damaged, or was sealed for another CERT`);
  const lines = (fromUtf8(opened.value) ?? '').split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    // Anybody who knows the recipient can make such a file: its form is checked, its content is never shown.
    const secret = parseSecretLine(line);
    if (secret === null) throw new Failure(`${path} holds something else than secrets`);
    return secret;
  });
}

/** One line of a secrets file. */
export function secretToLine({ id, secret }: SecretOf): string {
  return JSON.stringify({ id, secret });
}

function parseSecretLine(line: string): SecretOf | null {
  try {
    const { id, secret } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (typeof id !== 'string' || typeof secret !== 'string' || parseBase64url(id, 16) === null) return null;
    return { id: id as FindingId, secret };
  } catch {
    return null;
  }
}

/** Ledger of earlier loads into this folder. */
export async function readLedger(folder: string): Promise<Ledger | null> {
  const bytes = await readIfThere(join(folder, LEDGER_FILE));
  if (bytes === null) return null;
  const parsed = parseLedgerFile(bytes);
  if (!parsed.ok) throw new Failure(`${join(folder, LEDGER_FILE)} is damaged`);
  return parsed.value;
}

/** Quarantined lines of earlier loads, as they stand. */
export async function readQuarantineText(folder: string): Promise<string> {
  return (await readIfThere(join(folder, QUARANTINE_FILE)))?.toString('utf8') ?? '';
}

async function readIfThere(path: string): Promise<Buffer<ArrayBuffer> | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Failure(`${toTerminal(path)} cannot be read`);
  }
}
