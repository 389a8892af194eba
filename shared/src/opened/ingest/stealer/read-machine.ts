/** One machine of a stealer log: system file first, then cookies, then password files, so that records know their machine. */
import type { Ms } from '../../../base/brand.ts';
import type { ContainerForm } from '../archive/container.ts';
import { chooseDialect } from '../dialects/choose.ts';
import type { Leaf } from '../leaf.ts';
import type { LeafRoute } from '../line-route.ts';
import type { Machine, MachineSummary } from '../record.ts';
import type { LeafRun, SampledLeaf } from '../run-leaf.ts';
import { eachSampleLine, sampleLines } from '../sample-lines.ts';
import { baseName } from '../archive/display-path.ts';
import { AutofillCounter } from './autofill.ts';
import { BlockRoute } from './block-route.ts';
import { CookieJar } from './cookies.ts';
import { looksLikeBlocks } from './keys.ts';
import { KnownBlocks } from './known-blocks.ts';
import type { MachineFiles } from './machines.ts';
import { SkimRoute } from './skim-route.ts';
import { readSystemFile } from './system-file.ts';

const ARCHIVE_ENDING = /\.(?:zip|7z|rar|tar|tgz|gz|zst)$/i;
const SYSTEM_TEXT_CHARACTERS = 64 * 2 ** 10;
/** A file of unknown name beside a machine's logs is a credential list only if nearly all of it reads as one. */
const LIST_CONFIDENCE = 0.9;
const LIST_LINES = 3;
/** Of a URL, what comes before its path. */
const HOST_PART = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\\]+/i;
const MOST_STATES = 10_000;

/** How leaves are run: by the source's pipeline. */
export interface MachineReader {
  readonly nowMs: Ms;
  readonly lineBytes: number;
  run(leaf: Leaf, pick: LeafRun['pick']): Promise<void>;
  pickLines(sampled: SampledLeaf): LeafRoute;
  /** The watch term that a host lies in, `null` if nobody watches it. */
  siteOf(host: string): string | null;
}

/** What a machine gave beside its records, which go their own way. */
export type MachineReading = Omit<MachineSummary, 'passwords'>;

/**
 * Reads all files of a machine. `containerName` names it when its files lie at the root of an archive.
 *
 * @returns `null` for files that nothing makes one machine.
 */
export async function readMachine(
  files: MachineFiles,
  containerName: string,
  reader: MachineReader,
): Promise<MachineReading | null> {
  const { nowMs, lineBytes } = reader;
  let systemText = '';
  const addSystemLine = (line: string): void => {
    if (systemText.length + line.length < SYSTEM_TEXT_CHARACTERS) systemText += `${line}\n`;
  };
  for (const leaf of files.system) await reader.run(leaf, readingLines('system-file', lineBytes, addSystemLine));
  const folder = files.folder === '' ? baseName(containerName).replace(ARCHIVE_ENDING, '') : files.folder;
  const named = [...files.system, ...files.passwords, ...files.skipped, ...files.unknown];
  const names = { files: named.map((leaf) => baseName(leaf.path)), folders: files.folders };
  const system = folder === '' && systemText === '' ? null : readSystemFile(systemText, folder, names, nowMs);
  const jar = new CookieJar();
  for (const leaf of files.cookies) {
    await reader.run(
      leaf,
      readingLines('cookies', lineBytes, (line) => jar.addLine(line)),
    );
  }
  let autofillEntries = 0;
  for (const leaf of files.autofill) {
    const counter = new AutofillCounter();
    await reader.run(
      leaf,
      readingLines('autofill', lineBytes, (line) => counter.addLine(line)),
    );
    autofillEntries += counter.entries;
  }
  const blocks = blockRoutes(system?.machine ?? null, jar, reader);
  for (const leaf of files.passwords) await reader.run(leaf, (sampled) => pickByContent(sampled, true, blocks, reader));
  for (const leaf of files.unknown) await reader.run(leaf, (sampled) => pickByContent(sampled, false, blocks, reader));
  for (const leaf of files.skipped) {
    await reader.run(leaf, ({ sniff, ledger }) =>
      sniff.kind === 'text' ? new SkimRoute('no-credential', ledger) : new SkimRoute('not-text', ledger),
    );
  }
  if (system === null) return null;
  return {
    ...system.machine,
    capturedText: system.capturedText,
    entry: files.path,
    cookies: jar.size,
    autofillEntries,
    sessionCookies: jar.sites((host) => reader.siteOf(host), nowMs),
  };
}

function blockRoutes(
  machine: Machine | null,
  jar: CookieJar,
  { nowMs, lineBytes }: MachineReader,
): (sampled: SampledLeaf) => LeafRoute {
  const known = machine === null ? null : new KnownBlocks();
  const states = new Map<string, ReturnType<CookieJar['stateOf']>>();
  return ({ sniff, sample, ledger }) =>
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
          cookieState: (url) => {
            if (!jar.hasSessions) return 'none';
            // A person's logins are on few hosts, and a host is read by the URL parser.
            const site = HOST_PART.exec(url)?.[0] ?? url;
            const told = states.get(site) ?? cookieState(jar, site, nowMs);
            if (states.size < MOST_STATES) states.set(site, told);
            return told;
          },
        });
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
  if (looksLikeBlocks(eachSampleLine(sampled), isPasswordFile)) return blocks(sampled);
  const lines = sampleLines(sampled);
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
