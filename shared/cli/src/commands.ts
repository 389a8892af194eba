/** All commands, in the order of the story. */
import type { Command } from './command.ts';
import { approve, decline } from './commands/approve.ts';
import { audit } from './commands/audit.ts';
import { backup, restore } from './commands/backup.ts';
import { certInit } from './commands/cert-init.ts';
import { checkCounts, proveCounts } from './commands/counts.ts';
import { declareRestore } from './commands/declare-restore.ts';
import { evidence } from './commands/evidence.ts';
import { ingest } from './commands/ingest.ts';
import { invite } from './commands/invite.ts';
import { keysExportEpoch } from './commands/keys-export-epoch.ts';
import { load } from './commands/load.ts';
import { loads } from './commands/loads.ts';
import { open } from './commands/open.ts';
import { orgs, orgsImport } from './commands/orgs.ts';
import { parse } from './commands/parse.ts';
import { publish } from './commands/publish.ts';
import { pull } from './commands/pull.ts';
import { release, releaseKey } from './commands/release.ts';
import { request } from './commands/request.ts';
import { requests } from './commands/requests.ts';
import { reveal } from './commands/reveal.ts';
import { sample } from './commands/sample.ts';
import { serverBackup, serverRestore } from './commands/server-backup.ts';
import { sync } from './commands/sync.ts';
import { checkProof, verifyLog } from './commands/verify-log.ts';
import { verifySite } from './commands/verify-site.ts';
import { bundles, withdraw } from './commands/withdraw.ts';
import { witness, witnesses } from './commands/witness.ts';

export const COMMANDS: readonly Command[] = [
  certInit,
  orgsImport,
  orgs,
  invite,
  request,
  requests,
  approve,
  decline,
  ingest,
  loads,
  publish,
  evidence,
  bundles,
  withdraw,
  proveCounts,
  checkCounts,
  pull,
  load,
  open,
  reveal,
  keysExportEpoch,
  audit,
  verifyLog,
  checkProof,
  witness,
  witnesses,
  verifySite,
  sync,
  backup,
  restore,
  serverBackup,
  serverRestore,
  declareRestore,
  parse,
  sample,
  releaseKey,
  release,
];

/** The command that `args` begin with, longest name first, and what follows it. */
export function findCommand(
  args: readonly string[],
): { readonly command: Command; readonly rest: readonly string[] } | null {
  const words = (command: Command) => command.name.split(' ');
  const fitting = COMMANDS.filter((command) => words(command).every((word, at) => args[at] === word));
  const command = fitting.sort((a, b) => words(b).length - words(a).length)[0];
  return command === undefined ? null : { command, rest: args.slice(words(command).length) };
}
