/** One machine of a stealer log: system file first, then cookies, then password files, so that records know their machine. */
import type { Ms } from '../../../base/brand.ts';
import type { ContainerForm } from '../archive/container.ts';
import { chooseDialect } from '../dialects/choose.ts';
import type { Leaf } from '../leaf.ts';
import type { LeafRoute } from '../line-route.ts';
import type { Machine } from '../record.ts';
import type { LeafRun, SampledLeaf } from '../run-leaf.ts';
import { sampleLines } from '../sample-lines.ts';
import { baseName } from '../archive/display-path.ts';
import { BlockRoute } from './block-route.ts';
import { CookieJar } from './cookies.ts';
import { looksLikeBlocks } from './keys.ts';
import type { MachineFiles } from './machines.ts';
import { SkimRoute } from './skim-route.ts';
import { readSystemFile } from './system-file.ts';

const SYSTEM_TEXT_CHARACTERS = 64 * 2 ** 10;
/** A file of unknown name beside a machine's logs is a credential list only if nearly all of it reads as one. */
const LIST_CONFIDENCE = 0.9;
const LIST_LINES = 3;

/** How leaves are run: by the source's pipeline. */
export interface MachineReader {
  run(leaf: Leaf, pick: LeafRun['pick']): Promise<void>;
  pickLines(sampled: SampledLeaf): LeafRoute;
}

/** Reads all files of a machine. `containerName` names it when its files lie at the root of an archive. */
export async function readMachine(
  files: MachineFiles,
  containerName: string,
  nowMs: Ms,
  lineBytes: number,
  reader: MachineReader,
): Promise<void> {
  let systemText = '';
  const addSystemLine = (line: string): void => {
    if (systemText.length + line.length < SYSTEM_TEXT_CHARACTERS) systemText += `${line}\n`;
  };
  for (const leaf of files.system) await reader.run(leaf, readingLines('system-file', lineBytes, addSystemLine));
  const folder = files.folder === '' ? baseName(containerName).replace(/\.zip$/i, '') : files.folder;
  const names = [...files.system, ...files.passwords, ...files.skipped, ...files.unknown].map((leaf) =>
    baseName(leaf.path),
  );
  const machine: Machine | null =
    folder === '' && systemText === '' ? null : readSystemFile(systemText, folder, names, nowMs);
  const jar = new CookieJar();
  for (const leaf of files.cookies) {
    await reader.run(
      leaf,
      readingLines('cookies', lineBytes, (line) => jar.addLine(line)),
    );
  }
  const known = machine === null ? null : new Set<string>();
  const blocks = ({ sniff, sample, ledger }: SampledLeaf): LeafRoute =>
    sniff.kind !== 'text'
      ? new SkimRoute('not-text', ledger)
      : new BlockRoute({
          sniff,
          sample,
          ledger,
          lineBytes,
          sourceClass: 'stealer',
          machine,
          known,
          cookieState: (url) => cookieState(jar, url, nowMs),
        });
  for (const leaf of files.passwords) await reader.run(leaf, (sampled) => pickByContent(sampled, true, blocks, reader));
  for (const leaf of files.unknown) await reader.run(leaf, (sampled) => pickByContent(sampled, false, blocks, reader));
  for (const leaf of files.skipped) {
    await reader.run(leaf, ({ sniff, ledger }) =>
      sniff.kind === 'text' ? new SkimRoute('no-credential', ledger) : new SkimRoute('not-text', ledger),
    );
  }
}

function pickByContent(
  sampled: SampledLeaf,
  isPasswordFile: boolean,
  blocks: (sampled: SampledLeaf) => LeafRoute,
  reader: MachineReader,
): LeafRoute | ContainerForm {
  const { sniff, ledger } = sampled;
  if (sniff.kind === 'archive') return sniff.form;
  if (sniff.kind !== 'text') return new SkimRoute('not-text', ledger);
  const lines = sampleLines(sampled);
  if (looksLikeBlocks(lines, isPasswordFile)) return blocks(sampled);
  const frozen = chooseDialect(lines);
  const isList =
    frozen !== null &&
    frozen.dialect.name !== 'user-pass' &&
    frozen.confidence >= LIST_CONFIDENCE &&
    lines.filter((line) => line.trim() !== '').length >= LIST_LINES;
  return isList ? reader.pickLines(sampled) : new SkimRoute('no-credential', ledger);
}

function readingLines(dialect: string, lineBytes: number, onLine: (line: string) => void): LeafRun['pick'] {
  return ({ sniff, sample, ledger }) =>
    sniff.kind === 'text'
      ? new SkimRoute('no-credential', ledger, { sniff, sample, lineBytes, onLine }, dialect)
      : new SkimRoute('not-text', ledger);
}

function cookieState(jar: CookieJar, url: string, nowMs: Ms): ReturnType<CookieJar['stateOf']> {
  const text = url.includes('://') ? url : `http://${url}`;
  return URL.canParse(text) ? jar.stateOf(new URL(text).hostname, nowMs) : 'none';
}
