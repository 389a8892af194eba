/** `witness`: cosigns checkpoints of logs that others keep, for as long as each of them only grows. `witnesses`: who watches ours. */
import { checkpointKeyOf, witnessesOf } from '@sealpost/shared/sealed/audit/log-keys-of';
import { encodeNoteKey, parseNoteKey } from '@sealpost/shared/sealed/audit/note';
import type { NoteKey } from '@sealpost/shared/sealed/audit/note';
import type { Command } from '../command.ts';
import { Failure, HOME_OPTIONS } from '../command.ts';
import { orFail } from '../error-text.ts';
import { withHome } from '../home.ts';
import { startWitness } from '../witness-server.ts';

export const witness: Command = {
  name: 'witness',
  summary: 'cosign the checkpoints of other people’s logs, as long as they only grow (C2SP tlog-witness)',
  operands: { usage: '', least: 0, most: 0 },
  options: {
    home: {
      type: 'string',
      required: true,
      value: 'DIR',
      help: 'folder of the witness: its key, and what it cosigned',
    },
    name: { type: 'string', value: 'NAME', help: 'name of a new witness, such as witness.example/w1' },
    log: { type: 'string', value: 'KEY', multiple: true, help: 'name+hash+key of a log to watch' },
    host: { type: 'string', value: 'HOST', help: 'where it listens (127.0.0.1)' },
    port: { type: 'string', value: 'PORT', help: 'where it listens (8790)' },
  },
  async run(call, io) {
    const logs = call.texts('log').map((text) => keyOf(text, 'log'));
    const port = Number(call.text('port') ?? '8790');
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Failure('--port: not a port number', 2);
    const name = call.text('name');
    if (name !== null && !/^[^\s+]{1,200}$/.test(name)) throw new Failure('--name: no spaces and no plus', 2);
    const running = await startWitness({
      folder: io.path(call.must('home')),
      name,
      logs,
      host: call.text('host') ?? '127.0.0.1',
      port,
      nowMs: Date.now,
      say: (line) => io.say(line),
    }).catch((error: unknown) => {
      const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      throw inUse ? new Failure(`port ${port} is in use`) : error;
    });
    await io.json({ witness: running.key, url: running.url, logs: logs.map((log) => log.name) });
    if (logs.length === 0) io.say('no --log is named yet: it cosigns nothing');
    await new Promise<void>((resolve) => io.onInterrupt(resolve));
    await running.stop();
  },
};

export const witnesses: Command = {
  name: 'witnesses',
  summary: 'who must have cosigned the log, and since when they have; an operator names others with --set',
  operands: { usage: '', least: 0, most: 0 },
  options: {
    ...HOME_OPTIONS,
    set: { type: 'string', value: 'KEY', multiple: true, help: 'name+hash+key of a witness, in place of those before' },
    none: { type: 'boolean', help: 'no witnesses any more' },
    quorum: { type: 'string', value: 'N', help: 'how many of them must have cosigned (all)' },
  },
  async run(call, io) {
    const keys = call.texts('set').map((text) => keyOf(text, 'witness'));
    const quorum = Number(call.text('quorum') ?? String(keys.length));
    const isSet = keys.length > 0 || call.flag('none');
    if (keys.length > 0 && call.flag('none')) throw new Failure('--set or --none, not both', 2);
    if (isSet && !(Number.isInteger(quorum) && quorum >= Math.min(1, keys.length) && quorum <= keys.length)) {
      throw new Failure('--quorum: from 1 to the number of witnesses', 2);
    }
    await withHome(call, io, async ({ client, session }) => {
      if (isSet && !session.isOperator) throw new Failure('only a CERT’s home names witnesses', 2);
      orFail(await session.directory.refresh());
      if (isSet) orFail(await client.nameWitnesses(keys.map(encodeNoteKey), quorum));
      const record = orFail(await client.proveRecord());
      const directory = session.directory.current;
      const log = checkpointKeyOf(directory);
      const named = witnessesOf(directory);
      await io.json({
        log: log === null ? null : encodeNoteKey(log),
        witnesses: named.keys.map(encodeNoteKey),
        quorum: named.quorum,
        cosigned: record.cosigned === null ? null : { entries: record.cosigned.size, at: isoOf(record.cosigned.atMs) },
      });
    });
  },
};

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

function keyOf(text: string, type: NoteKey['type']): NoteKey {
  const key = parseNoteKey(text);
  if (key?.type !== type) throw new Failure(`not a key of a ${type} (name+hash+key)`, 2);
  return key;
}
