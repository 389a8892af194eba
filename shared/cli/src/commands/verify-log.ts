/** `verify-log`: the whole log, checked from outside: over HTTP, or a copy on disk. `check-proof`: one entry, from its proof file. */
import { readFile } from 'node:fs/promises';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { openCheckpoint } from '@sealpost/shared/sealed/audit/checkpoint';
import {
  AUDIT_ENTRY_BYTES,
  isAuditPayloadOf,
  leafHash,
  parseAuditEntry,
  verifyAuditEntry,
} from '@sealpost/shared/sealed/audit/entry';
import { checkpointKeyOf, entryRulesOf } from '@sealpost/shared/sealed/audit/log-keys-of';
import { verifyInclusion } from '@sealpost/shared/sealed/audit/merkle';
import { parseNoteKey } from '@sealpost/shared/sealed/audit/note';
import type { NoteKey } from '@sealpost/shared/sealed/audit/note';
import { parseTlogProof } from '@sealpost/shared/sealed/audit/tlog-proof';
import { verifyLogFiles } from '@sealpost/shared/sealed/audit/verify-log-files';
import type { EntryRules, LogFault, ReadLogFile } from '@sealpost/shared/sealed/audit/verify-log-files';
import type { Directory } from '@sealpost/shared/sealed/directory/model';
import type { Call, Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { withHome } from '../home.ts';
import type { Io } from '../io.ts';
import { mirrorDirectory, readMirror, readServer, saveStatements } from '../log-mirror.ts';

const OPTIONS = {
  home: { ...HOME_OPTIONS.home, required: false },
  'passphrase-file': HOME_OPTIONS['passphrase-file'],
  'log-key': { type: 'string', value: 'KEY', help: 'name+hash+key of the log, instead of what the statements name' },
} as const;

export const verifyLog: Command = {
  name: 'verify-log',
  summary: 'check the whole log from outside: signatures, chains, tree, checkpoint; a copy on disk without --home',
  operands: { usage: '[DIR]', least: 0, most: 1 },
  options: { ...OPTIONS, mirror: { type: 'string', value: 'DIR', help: 'also save the log as a copy' } },
  async run(call, io) {
    const [folder] = call.operands;
    if (folder !== undefined) {
      const path = io.path(folder);
      const given = call.text('log-key');
      if (given !== null) return report(io, readMirror(path), keyOption(given), null);
      const directory = await mirrorDirectory(path);
      return report(io, readMirror(path), keyOfDirectory(directory), entryRulesOf(directory));
    }
    if (call.text('home') === null) throw new Failure('name a copy of a log, or a --home', 2);
    await withHome(call, io, async ({ session }) => {
      orFail(await session.directory.refresh());
      const mirror = call.text('mirror');
      const path = mirror === null ? null : io.path(mirror);
      if (path !== null) await saveStatements(session, path);
      const directory = session.directory.current;
      // before and after: what is read belongs to a log that goes on from what this home has seen
      orFail(await session.witness.contact());
      await report(io, readServer(session, path), keyOfDirectory(directory), entryRulesOf(directory));
    });
  },
};

export const checkProof: Command = {
  name: 'check-proof',
  summary: 'check a .tlog-proof file: the entry stands in the log that the key signed; asks no server',
  operands: { usage: 'FILE', least: 1, most: 1 },
  options: {
    ...OPTIONS,
    copy: { type: 'string', value: 'DIR', help: 'a copy of the log, whose statements name the keys' },
  },
  async run(call, io) {
    const bytes = await readFile(io.path(call.operands[0] ?? '')).catch(() => {
      throw new Failure(`${call.operands[0] ?? ''} cannot be read`);
    });
    const given = call.text('log-key');
    if (given !== null) return reportProof(io, bytes, keyOption(given), null);
    const directory = await directoryFor(call, io);
    return reportProof(io, bytes, keyOfDirectory(directory), entryRulesOf(directory));
  },
};

async function report(io: Io, read: ReadLogFile, key: NoteKey, rules: EntryRules | null): Promise<void> {
  const verified = await verifyLogFiles(read, key, rules, (done, total) => io.progress(`${done} of ${total} entries`));
  if (!verified.ok) throw new Failure(`the log does not hold: ${faultText(verified.error)}`);
  const { size, root, keys, files } = verified.value;
  await io.json({ log: key.name, entries: size, keys, files, root: toBase64url(root) });
  io.say(rules === null ? 'tree and checkpoint hold' : 'all signatures, chains, tree and checkpoint hold');
}

async function reportProof(io: Io, bytes: Uint8Array, key: NoteKey, rules: EntryRules | null): Promise<void> {
  const proof = parseTlogProof(bytes);
  const extra = proof?.extra ?? null;
  if (proof === null || extra === null) throw new Failure('this is no proof file of an entry');
  const checkpoint = await openCheckpoint(proof.checkpoint, key.name, key);
  if (!checkpoint.ok)
    throw new Failure(`the proof does not hold: its checkpoint is not of this log (${checkpoint.error.kind})`);
  const bytesOfEntry = extra.subarray(0, AUDIT_ENTRY_BYTES);
  const { size, root } = checkpoint.value;
  if (!verifyInclusion(proof.index, size, leafHash(bytesOfEntry), proof.hashes, root)) {
    throw new Failure('the proof does not hold: the entry does not stand in the log');
  }
  const entry = parseAuditEntry(bytesOfEntry);
  if (!entry.ok) throw new Failure('the proof does not hold: its entry is malformed');
  const publicKey = rules?.keyOf(entry.value.kid) ?? null;
  if (rules !== null && (publicKey === null || !(await verifyAuditEntry(entry.value, rules.deployment, publicKey)))) {
    throw new Failure('the proof does not hold: the entry is not signed by a key of the directory');
  }
  const salt = extra.subarray(AUDIT_ENTRY_BYTES, AUDIT_ENTRY_BYTES + 32);
  const sealed = extra.subarray(AUDIT_ENTRY_BYTES + 32);
  if (sealed.length > 0 && !isAuditPayloadOf(entry.value, salt, sealed)) {
    throw new Failure('the proof does not hold: the payload is another one');
  }
  const { kid, seq } = entry.value;
  await io.json({ log: key.name, index: proof.index, size, device: kid, seq, payload: sealed.length > 0 });
  io.say('the entry stands in the log');
}

async function directoryFor(call: Call, io: Io): Promise<Directory> {
  const copy = call.text('copy');
  if (copy !== null) return mirrorDirectory(io.path(copy));
  if (call.text('home') === null) throw new Failure('name the keys: --home, --copy or --log-key', 2);
  return withHome(call, io, async ({ session }) => session.directory.current);
}

function keyOption(text: string): NoteKey {
  const key = parseNoteKey(text);
  if (key?.type !== 'log') throw new Failure('--log-key: not a key of a log (name+hash+key)', 2);
  return key;
}

function keyOfDirectory(directory: Directory): NoteKey {
  const key = checkpointKeyOf(directory);
  if (key === null) throw new Failure('no statement names the key of this log');
  return key;
}

function faultText(fault: LogFault): string {
  switch (fault.kind) {
    case 'checkpoint':
      return `its checkpoint is ${fault.reason}`;
    case 'missing-file':
      return `${fault.name} is missing`;
    case 'damaged-file':
      return `${fault.name} is not what its entries give`;
    case 'entry':
      return `entry ${fault.index}: ${ENTRY_REASONS[fault.reason]}`;
    case 'root':
      return 'its entries give another root than the checkpoint';
  }
}

const ENTRY_REASONS = {
  malformed: 'is no entry',
  'unknown-key': 'is signed by a key that the directory does not name',
  signature: 'its signature does not hold',
  order: 'does not continue the chain of its device',
} as const;
