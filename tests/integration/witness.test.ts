/** Witnesses that cosign a real server's log over HTTP, and what clients make of it. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startWitness } from '../../shared/cli/src/witness-server.ts';
import type { RunningWitness } from '../../shared/cli/src/witness-server.ts';
import { utf8 } from '@sealpost/shared/base/bytes';
import { checkpointKeyOf } from '@sealpost/shared/sealed/audit/log-keys-of';
import { checkpointText, openCheckpoint } from '@sealpost/shared/sealed/audit/checkpoint';
import { leafHash } from '@sealpost/shared/sealed/audit/entry';
import { encodeNote, parseNote, parseNoteKey, signNote, verifyNote } from '@sealpost/shared/sealed/audit/note';
import type { NoteKey, NoteSigner } from '@sealpost/shared/sealed/audit/note';
import { appendLeaf, consistencyProof, EMPTY_FRONTIER, rootOf } from '@sealpost/shared/sealed/audit/tree';
import { encodeWitnessRequest } from '@sealpost/shared/sealed/audit/witness-request';
import { paths } from '@sealpost/shared/sealed/wire/paths';
import { COVER_AGE_MS } from '@sealpost/shared/opened/client/log-covers';
import { ignore, makeCert, makeMember, must } from './people.ts';
import type { Device } from './people.ts';
import { newKey } from './scene.ts';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';

const DAY_MS = 86_400_000;

let root: string;
const running: RunningWitness[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sealpost-witness-'));
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function begin(
  name: string,
  logs: readonly NoteKey[],
  nowMs: () => number = Date.now,
  port = 0,
): Promise<RunningWitness> {
  const folder = join(root, name);
  const options = { folder, name: `${name}.example/w`, host: '127.0.0.1', port, nowMs, say: ignore, logs };
  const witness = await startWitness(options);
  running.push(witness);
  return witness;
}

/** A log of its own, to show a witness what no honest server would. */
class MadeUpLog {
  readonly #leaves: Uint8Array<ArrayBuffer>[] = [];
  readonly signer: NoteSigner;
  readonly #nodes = new Map<string, Uint8Array<ArrayBuffer>>();
  #frontier = EMPTY_FRONTIER;

  private constructor(signer: NoteSigner) {
    this.signer = signer;
  }

  static async create(origin: string): Promise<MadeUpLog> {
    const key = await newKey();
    return new MadeUpLog({ name: origin, type: 'log', publicKey: key.publicKey, sign: (bytes) => key.sign(bytes) });
  }

  grow(count: number, salt = ''): this {
    for (let i = 0; i < count; i++) {
      const leaf = leafHash(utf8(`leaf ${this.#leaves.length} ${salt}`));
      this.#leaves.push(leaf);
      const next = appendLeaf(this.#frontier, leaf);
      for (const { level, index, hash } of next.made) this.#nodes.set(`${level}/${index}`, hash);
      this.#frontier = next.frontier;
    }
    return this;
  }

  /** The same log up to here, with the same key: one of two that the same server shows. */
  fork(): MadeUpLog {
    const other = new MadeUpLog(this.signer);
    for (const leaf of this.#leaves) {
      other.#leaves.push(leaf);
      const next = appendLeaf(other.#frontier, leaf);
      for (const { level, index, hash } of next.made) other.#nodes.set(`${level}/${index}`, hash);
      other.#frontier = next.frontier;
    }
    return other;
  }

  async request(old: number, changes: { readonly size?: number; readonly signer?: NoteSigner } = {}) {
    const { size } = this.#frontier;
    const text = checkpointText({ origin: this.signer.name, size: changes.size ?? size, root: rootOf(this.#frontier) });
    const signature = await signNote(text, changes.signer ?? this.signer);
    const read = (level: number, index: number) => this.#nodes.get(`${level}/${index}`) as Uint8Array<ArrayBuffer>;
    const proof = old > 0 && old <= size ? consistencyProof(read, old, size) : [];
    return { old, proof, checkpoint: encodeNote({ text, signatures: [signature] }) };
  }
}

const submit = (witness: RunningWitness, request: Parameters<typeof encodeWitnessRequest>[0]): Promise<Response> =>
  fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body: encodeWitnessRequest(request) });

describe('a witness', () => {
  it('cosigns what only grew, and its signature holds over the checkpoint with its time', async () => {
    const log = await MadeUpLog.create('log.example/one');
    const witness = await begin('grows', [log.signer], () => 1_800_000_000_500);
    for (const [old, size] of [
      [0, 3],
      [3, 3],
      [3, 300],
      [300, 301],
    ] as const) {
      const now = await log.grow(size - old).request(old);
      const answer = await submit(witness, now);
      expect(answer.status).toBe(200);
      const note = parseNote(utf8(new TextDecoder().decode(now.checkpoint) + (await answer.text())));
      const key = parseNoteKey(witness.key) as NoteKey;
      expect(note.ok && (await verifyNote(note.value, [key]))).toEqual([{ key, atSeconds: 1_800_000_000 }]);
    }
  });

  it('answers every refusal with the status of the specification, and 409 with the size that it has', async () => {
    const log = await MadeUpLog.create('log.example/two');
    const witness = await begin('refuses', [log.signer]);
    const sizeOf = async (answer: Response) => [answer.status, answer.headers.get('content-type'), await answer.text()];
    const request = await log.grow(5).request(0);
    expect((await submit(witness, { ...request, old: 1 })).status).toBe(409);
    expect((await submit(witness, { ...request, proof: [new Uint8Array(32)] })).status).toBe(422);
    expect((await submit(witness, request)).status).toBe(200);
    const later = log.fork().grow(2);
    expect(await sizeOf(await submit(witness, await later.request(0)))).toEqual([409, 'text/x.tlog.size', '5\n']);
    expect((await submit(witness, { ...(await later.request(5)), proof: [new Uint8Array(32)] })).status).toBe(422);
    expect((await submit(witness, { ...request, old: 6 })).status).toBe(400);
    const stranger = await MadeUpLog.create('log.example/two');
    expect((await submit(witness, await later.request(5, { signer: stranger.signer }))).status).toBe(403);
    const unknown = await MadeUpLog.create('log.example/unknown');
    expect((await submit(witness, await unknown.grow(1).request(0))).status).toBe(404);
    expect((await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body: 'old 05\n\n' })).status).toBe(400);
    expect((await fetch(`${witness.url}/add-checkpoint`)).status).toBe(405);
    const huge = await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body: 'x'.repeat(90_000) });
    expect(huge.status).toBe(413);
    expect((await submit(witness, await later.request(5))).status).toBe(200);
  });

  it('never cosigns two histories, also after it was started again', async () => {
    const log = (await MadeUpLog.create('log.example/three')).grow(4);
    const [one, two] = [log.fork().grow(3, 'one'), log.fork().grow(3, 'two')];
    const first = await begin('forgets', [log.signer]);
    expect((await submit(first, await log.request(0))).status).toBe(200);
    expect((await submit(first, await one.request(4))).status).toBe(200);
    await first.stop();
    const again = await begin('forgets', [log.signer]);
    expect(again.key).toBe(first.key);
    expect((await submit(again, await two.request(4))).status).toBe(409);
    expect((await submit(again, { ...(await two.request(7)), proof: [] })).status).toBe(409);
    expect((await submit(again, { ...(await two.grow(1).request(4)), old: 7 })).status).toBe(422);
  });

  it('asked for two histories in the same moment cosigns one of them', async () => {
    const log = (await MadeUpLog.create('log.example/race')).grow(4);
    const witness = await begin('race', [log.signer]);
    expect((await submit(witness, await log.request(0))).status).toBe(200);
    const forks = Array.from({ length: 12 }, (_, at) => log.fork().grow(1 + at, `fork ${at}`));
    const requests = await Promise.all(forks.map((fork) => fork.request(4)));
    const answers = await Promise.all(requests.map((request) => submit(witness, request)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 11 }, () => 409)]);
  });

  it('with a damaged file answers 500 and signs nothing', async () => {
    const log = (await MadeUpLog.create('log.example/damaged')).grow(2);
    const first = await begin('damaged', [log.signer]);
    expect((await submit(first, await log.request(0))).status).toBe(200);
    await first.stop();
    const folder = join(root, 'damaged');
    const file = (await readdir(folder)).find((name) => name.startsWith('log-')) ?? '';
    await writeFile(join(folder, file), (await readFile(join(folder, file), 'utf8')).slice(0, 40));
    const again = await begin('damaged', [log.signer]);
    const answer = await submit(again, await log.request(0));
    expect([answer.status, (await answer.text()).includes('—')]).toEqual([500, false]);
  });
});

describe('a log with witnesses', () => {
  let server: TestServer;
  let cert: Device;
  let member: Device;
  let witnesses: readonly RunningWitness[];
  /** Added to the witnesses' clocks. */
  let offsetMs = 0;
  const dataDir = () => join(root, 'server');

  beforeAll(async () => {
    const plain = await startTestServer({ dataDir: dataDir() });
    cert = await makeCert(plain.origin);
    member = (await makeMember(cert, 'Moe', 'moe.example')).device;
    const log = checkpointKeyOf(cert.opened.session.directory.current) as NoteKey;
    await plain.stop();
    witnesses = [];
    for (const name of ['first', 'second']) {
      const folder = join(root, name);
      const nowMs = () => Date.now() + offsetMs;
      const options = {
        folder,
        name: `${name}.example/w`,
        logs: [log],
        host: '127.0.0.1',
        port: 0,
        nowMs,
        say: ignore,
      };
      witnesses = [...witnesses, await startWitness(options)];
    }
    server = await startTestServer({
      dataDir: dataDir(),
      port: Number(new URL(plain.origin).port),
      witnesses: witnesses.map(({ key, url }) => ({ key: parseNoteKey(key) as NoteKey, url })),
      report: ignore,
    });
  });
  afterAll(async () => {
    await server.stop();
    for (const witness of witnesses) await witness.stop();
  });

  it('is asked to be cosigned by those whom an operator names; before that nobody has to', async () => {
    expect(must(await cert.client.proveRecord())).toMatchObject({ witnesses: { quorum: 0 }, cosigned: null });
    must(
      await cert.client.nameWitnesses(
        witnesses.map(({ key }) => key),
        2,
      ),
    );
    const refused = await cert.client.nameWitnesses([witnesses[0]?.key ?? ''], 2);
    expect(refused).toMatchObject({ ok: false, error: { kind: 'invalid' } });
    expect(must(await cert.client.proveRecord())).toMatchObject({
      witnesses: { names: ['first.example/w', 'second.example/w'], quorum: 2 },
      cosigned: null,
    });
    await server.server.deps.cosigners.round();
    const proved = must(await cert.client.proveRecord());
    expect(proved.cosigned?.size).toBe(proved.size);
    must(await member.client.sync(ignore));
    must(await member.client.sync(ignore));
    expect((await member.client.record()).cosigned?.size).toBe(proved.size);
  });

  it('serves the cosignatures in the checkpoint itself', async () => {
    await server.server.deps.cosigners.round();
    const { session } = cert.opened;
    const path = paths(session.identity.deployment).checkpoint();
    const answer = await session.http.ask({ method: 'GET', path });
    const bytes = answer.ok ? answer.value.body : new Uint8Array();
    const log = checkpointKeyOf(session.directory.current) as NoteKey;
    const keys = witnesses.map(({ key }) => parseNoteKey(key) as NoteKey);
    const opened = await openCheckpoint(bytes, log.name, log, keys);
    expect(opened.ok && opened.value.witnesses.length).toBe(2);
  });

  it('a device keeps its events until what covers them is fourteen days old by the witnesses’ clocks, then deletes them', async () => {
    const { session } = member.opened;
    const chunks = () => session.store.ids('envelopes', 'audit-sent/').length;
    const use = async () => {
      must(await session.audit.recordAlone({ kind: 'unlock' }));
      must(await member.client.sync(ignore));
    };
    // marks are a day apart
    offsetMs = 2 * DAY_MS;
    await use();
    await use();
    await server.server.deps.cosigners.round();
    must(await member.client.sync(ignore));
    const before = chunks();
    expect(before).toBeGreaterThan(2);
    // a device whose clock is ten years ahead deletes nothing
    member.clockOffsetMs = 3650 * DAY_MS;
    await member.client.proveRecord();
    member.clockOffsetMs = 0;
    must(await member.client.sync(ignore));
    expect(chunks()).toBe(before);
    offsetMs = 2 * DAY_MS + COVER_AGE_MS - 60_000;
    await use();
    await server.server.deps.cosigners.round();
    await use();
    // two more, and without the one that was cosigned two days before
    expect(chunks()).toBe(before + 1);
    offsetMs = 2 * DAY_MS + COVER_AGE_MS + 60_000;
    await server.server.deps.cosigners.round();
    await use();
    // those of the last fortnight, and the chunk that tells after a restore what is missing
    expect(chunks()).toBe(3);
    const proof = must(await member.client.proveOwnEntries(ignore));
    expect(proof.released + proof.entries + proof.waiting).toBe(session.store.auditSeq);
    expect(proof.released).toBeGreaterThan(0);
    expect((await member.client.record()).alarms).toEqual([]);
  });

  it('a witness that cannot be reached changes nothing but the time of the last cosignature', async () => {
    const before = must(await cert.client.proveRecord()).cosigned;
    await witnesses[1]?.stop();
    must(await cert.opened.session.audit.recordAlone({ kind: 'unlock' }));
    must(await cert.client.sync(ignore));
    await server.server.deps.cosigners.round();
    const proved = must(await cert.client.proveRecord());
    expect(proved.cosigned?.size).toBe(before?.size ?? 0);
    expect(proved.alarms).toEqual([]);
  });

  it('a cosigned checkpoint of another log than the one that a device sees is an alarm, with both as evidence', async () => {
    const { session } = member.opened;
    const { cosigners } = server.server.deps;
    const log = checkpointKeyOf(session.directory.current) as NoteKey;
    const honest = cosigners.cosigned.bind(cosigners);
    // another history of this very log, signed by its key and cosigned by its witnesses
    const signed = server.server.deps.logKeys.checkpoint;
    const fork = (await MadeUpLog.create(log.name)).grow(3, 'other');
    const forked = await fork.request(0, {
      signer: { ...log, sign: (bytes: Uint8Array) => signed.sign(bytes) },
    });
    const note = parseNote(forked.checkpoint);
    if (!note.ok) throw new Error('no note');
    const elsewhere = join(root, 'elsewhere');
    let text = new TextDecoder().decode(forked.checkpoint);
    for (const [at, name] of ['first', 'second'].entries()) {
      // the witness's own key, in a folder that has forgotten
      await mkdir(elsewhere);
      await writeFile(join(elsewhere, 'witness-key.json'), await readFile(join(root, name, 'witness-key.json')));
      const copy = await startWitness({
        folder: elsewhere,
        name: null,
        logs: [log],
        host: '127.0.0.1',
        port: 0,
        nowMs: Date.now,
        say: ignore,
      });
      expect(copy.key).toBe(witnesses[at]?.key);
      text += await (await submit(copy, forked)).text();
      await copy.stop();
      await rm(elsewhere, { recursive: true });
    }
    cosigners.cosigned = () => ({ origin: log.name, size: 3, note: utf8(text), cosignatures: 2 });
    const proved = await member.client.proveRecord();
    cosigners.cosigned = honest;
    expect(proved).toMatchObject({ ok: false, error: { kind: 'forged', what: 'log', code: 'cosigned-elsewhere' } });
    const { alarms } = await member.client.record();
    const file = must(await member.client.alarmEvidence(alarms[0]?.id ?? ''));
    const evidence = JSON.parse(new TextDecoder().decode(file.bytes)) as { evidence: { received: string } };
    expect(evidence.evidence.received).toBe(text);
  });
});
