/** `pull`: fetches what is new for an organisation and writes it as lines. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { toBase64url } from '@sealpost/shared/base/base64url';
import type { WithheldCounts } from '@sealpost/shared/opened/bundle/columns';
import { syncOrganisation } from '@sealpost/shared/opened/client/organisation-client';
import type { FindingId } from '@sealpost/shared/opened/finding/finding';
import { findingToLine } from '@sealpost/shared/opened/finding/finding-json';
import type { FindingsVault } from '@sealpost/shared/opened/vault/findings-vault';
import type { Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { escapeJson } from '../escape.ts';
import { withOrganisation } from '../home.ts';
import type { Io } from '../io.ts';
import { PrivateFile, writePrivate } from '../private-file.ts';
import { sendRecord } from '../send-record.ts';

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
            keep === null ? undefined : keepIn(io.path(keep)),
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
        const ids = shownIds(home.findings, call.flag('all') ? allIds(home.findings) : arrivals.ids);
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
        if (file === null) io.say(`${count} findings in ${bundles} new bundles; withheld: ${JSON.stringify(withheld)}`);
        else await io.json({ ...told, withheld });
      });
    } finally {
      await file?.discard();
    }
  },
};

/** Watches which findings the bundles of this call bring; the vault itself knows only what is there. */
class Arrivals {
  readonly ids = new Set<FindingId>();
  readonly vault: FindingsVault;
  #withheld: WithheldCounts = { contextless: 0, unproven: 0, unconfirmed: 0 };

  constructor(findings: FindingsVault) {
    const importBundle: FindingsVault['importBundle'] = async (columns, facts, options) => {
      const imported = await findings.importBundle(columns, facts, options);
      if (imported.ok) {
        for (let at = 0; at < columns.rows; at++) {
          this.ids.add(toBase64url(columns.id.subarray(at * 16, at * 16 + 16)) as FindingId);
        }
        this.#withheld = addWithheld(this.#withheld, facts.withheld);
      }
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

  get withheld(): WithheldCounts {
    return this.#withheld;
  }
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

function allIds(findings: FindingsVault): Iterable<FindingId> {
  const { token, total } = findings.query({ text: '', filters: {}, sort: { by: 'priority', descending: true } });
  return findings.ids(token, 0, total);
}

/** Findings that a withdrawal took away again in the same call are left out. */
function shownIds(findings: FindingsVault, ids: Iterable<FindingId>): readonly FindingId[] {
  return [...ids].filter((id) => findings.finding(id) !== null);
}

async function writeFindings(
  findings: FindingsVault,
  ids: readonly FindingId[],
  file: PrivateFile | null,
  io: Io,
): Promise<void> {
  for (const id of ids) {
    const finding = findings.finding(id);
    if (finding === null) continue;
    const line = escapeJson(findingToLine(finding));
    if (file === null) await io.out(line);
    else await file.line(line);
  }
}

function keepIn(folder: string) {
  return async (name: string, bytes: Uint8Array): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writePrivate(join(folder, name), bytes);
  };
}
