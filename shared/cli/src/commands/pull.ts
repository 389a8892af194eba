/** `pull`: fetches what is new for an organisation and writes it as lines. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { WithheldCounts } from '@sealpost/shared/opened/bundle/columns';
import type { BundleRow } from '@sealpost/shared/opened/client/api/bundles';
import { syncOrganisation } from '@sealpost/shared/opened/client/organisation-client';
import type { FindingId } from '@sealpost/shared/opened/finding/finding';
import { findingToLine } from '@sealpost/shared/opened/finding/finding-json';
import { IdIndex } from '@sealpost/shared/opened/query/id-index';
import type { FindingsVault } from '@sealpost/shared/opened/vault/findings-vault';
import type { Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { escapeJson } from '../escape.ts';
import { withOrganisation } from '../home.ts';
import type { Io } from '../io.ts';
import { PrivateFile, writePrivate } from '../private-file.ts';
import { sendRecord } from '../send-record.ts';

/** Findings that are read from their blocks at once: enough that a block is opened few times, little enough to hold. */
const READ_AT_ONCE = 32_768;

export const pull: Command = {
  name: 'pull',
  summary: 'fetch new findings and write them as JSON lines; before approval it says that it is pending',
  operands: { usage: '', least: 0, most: 0 },
  options: {
    ...HOME_OPTIONS,
    out: { type: 'string', value: 'FILE', help: 'where to write findings (default: stdout)' },
    all: { type: 'boolean', help: 'all findings of this home, not only the new ones' },
    keep: { type: 'string', value: 'DIR', help: 'keep the sealed files as they came, too' },
  },
  async run(call, io) {
    const out = call.text('out');
    const keep = call.text('keep');
    const file = out === null ? null : await PrivateFile.create(io.path(out));
    try {
      await withOrganisation(call, io, async (home) => {
        const arrivals = new Arrivals(home.findings);
        const summary = orFail(
          await syncOrganisation(
            home.session,
            arrivals.vault,
            ({ stage, doneBytes, totalBytes }) => io.progress(`${stage}: ${doneBytes} of ${totalBytes} bytes`),
            keep === null ? {} : { keep: keepIn(io.path(keep)) },
          ),
        );
        const { enrolment } = home.session.identity;
        if (enrolment.kind === 'declined') throw new Failure(`the request was declined: ${enrolment.reason}`);
        if (enrolment.kind !== 'enrolled') {
          io.say('The request is pending: the CERT has not decided yet.');
          await file?.commit();
          if (file !== null) await io.json({ state: 'pending' });
          return;
        }
        for (const warning of summary.warnings) io.say(`warning: ${warning}`);
        for (const id of summary.expired) io.say(`no longer on the server, and not in this vault: ${id}`);
        const ids = call.flag('all') ? allIds(home.findings) : arrivals.shown();
        const count = ids.length;
        // On record first: a reader that goes away ends the process.
        if (count > 0)
          orFail(await home.session.audit.recordAlone({ kind: 'export', format: 'ndjson', findings: count }));
        await writeFindings(home.findings, ids, file, io);
        await file?.commit();
        if (count > 0) await sendRecord(home, io);
        const { bundles, added, merged, withdrawn } = summary;
        const told = { state: 'enrolled', findings: count, bundles, added, merged, withdrawn };
        const withheld = call.flag('all') ? withheldOfAll(home.findings) : arrivals.withheld;
        const complete = home.findings
          .bundles()
          .filter(({ bundleId, withdrawn }) => withdrawn === null && (call.flag('all') || arrivals.has(bundleId)))
          .map(completenessOf);
        if (file === null) {
          io.say(`${count} findings in ${bundles} new bundles; withheld: ${JSON.stringify(withheld)}`);
          for (const one of complete) io.say(completenessText(one));
        } else await io.json({ ...told, withheld, complete });
      });
    } finally {
      await file?.discard();
    }
  },
};

/** Watches which findings the bundles of this call bring; the vault itself knows only what is there. */
class Arrivals {
  readonly vault: FindingsVault;
  readonly #findings: FindingsVault;
  /** Ids by bundle, 16 bytes each. */
  readonly #ids = new Map<string, readonly Bytes[]>();
  #withheld: WithheldCounts = { contextless: 0, unproven: 0, unconfirmed: 0 };

  constructor(findings: FindingsVault) {
    this.#findings = findings;
    const importBundle: FindingsVault['importBundle'] = async (bundleId, unpack, options) => {
      const ids: Bytes[] = [];
      const imported = await findings.importBundle(
        bundleId,
        async (sink) => {
          const unpacked = await unpack({
            ...sink,
            batch: async (columns) => {
              ids.push(columns.id.slice());
              await sink.batch(columns);
            },
          });
          if (unpacked.ok) this.#withheld = addWithheld(this.#withheld, unpacked.value.withheld);
          return unpacked;
        },
        options,
      );
      if (imported.ok) this.#ids.set(bundleId, ids);
      return imported;
    };
    this.vault = new Proxy(findings, {
      get: (target, name) => {
        if (name === 'importBundle') return importBundle;
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
  }

  /** What came and was not withdrawn again in the same call, each once. */
  shown(): readonly FindingId[] {
    const distinct = new IdIndex();
    for (const { bundleId, withdrawn } of this.#findings.bundles()) {
      if (withdrawn !== null) continue;
      for (const ids of this.#ids.get(bundleId) ?? []) {
        for (let at = 0; at < ids.length; at += 16) if (distinct.find(ids, at) < 0) distinct.add(ids, at);
      }
    }
    return Array.from({ length: distinct.rows }, (_, row) => distinct.text(row));
  }

  /** True if the bundle came in this call. */
  has(bundleId: string): boolean {
    return this.#ids.has(bundleId);
  }

  get withheld(): WithheldCounts {
    return this.#withheld;
  }
}

/** How complete a bundle is, as the CERT's signed list committed to it and this home counted it. */
function completenessOf({ bundleId, findings, completeness }: BundleRow) {
  if (completeness === undefined) return { bundle: bundleId, stated: false, findings, matched: null, sources: null };
  const sources = Object.fromEntries(completeness.sources.map(({ alias, count }) => [alias, count]));
  return { bundle: bundleId, stated: true, findings, matched: completeness.matched, sources };
}

function completenessText({ bundle, stated, findings, matched, sources }: ReturnType<typeof completenessOf>): string {
  if (!stated) return `${bundle}: ${findings} findings; the CERT did not state how many there should be`;
  return `${bundle}: complete, ${findings} findings of ${matched} matched, by source: ${JSON.stringify(sources)}`;
}

function addWithheld(a: WithheldCounts, b: WithheldCounts): WithheldCounts {
  return {
    contextless: a.contextless + b.contextless,
    unproven: a.unproven + b.unproven,
    unconfirmed: a.unconfirmed + b.unconfirmed,
  };
}

function withheldOfAll(findings: FindingsVault): WithheldCounts {
  const shown = findings.bundles().filter(({ withdrawn }) => withdrawn === null);
  return shown.reduce((sum, { withheld }) => addWithheld(sum, withheld), {
    contextless: 0,
    unproven: 0,
    unconfirmed: 0,
  });
}

function allIds(findings: FindingsVault): readonly FindingId[] {
  const { token, total } = findings.query({ text: '', filters: {}, sort: { by: 'priority', descending: true } });
  return findings.ids(token, 0, total);
}

async function writeFindings(
  findings: FindingsVault,
  ids: readonly FindingId[],
  file: PrivateFile | null,
  io: Io,
): Promise<void> {
  for (let from = 0; from < ids.length; from += READ_AT_ONCE) {
    for (const finding of orFail(await findings.findings(ids.slice(from, from + READ_AT_ONCE)))) {
      if (finding === null) continue;
      const line = escapeJson(findingToLine(finding));
      if (file === null) await io.out(line);
      else await file.line(line);
    }
  }
}

function keepIn(folder: string) {
  return async (name: string, bytes: Uint8Array): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writePrivate(join(folder, name), bytes);
  };
}
