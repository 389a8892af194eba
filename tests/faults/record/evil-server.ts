/**
 * A server that holds its own keys and lies about its record: every lie must end in an alarm with evidence, and the next honest
 * contact must go well. Lies are told on the line, by the real keys of a real server.
 */
import { randomBytes } from 'node:crypto';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { fromUtf8, utf8 } from '@sealpost/shared/base/bytes';
import type { Result } from '@sealpost/shared/base/result';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { NetworkRequest, NetworkResponse } from '@sealpost/shared/opened/client/ports';
import { checkpointText, parseCheckpointText } from '@sealpost/shared/sealed/audit/checkpoint';
import { encodeNote, signNote } from '@sealpost/shared/sealed/audit/note';
import { paths } from '@sealpost/shared/sealed/wire/paths';
import { generateSigningSecret, importSigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import type { SigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import { DEFAULT_RATES } from '../../../server/src/guard/rate-limit.ts';
import { startTestServer } from '../../integration/test-server.ts';
import type { TestServer } from '../../integration/test-server.ts';
import { ignore, load, makeCert, makeMember, MASKED, must } from '../../integration/people.ts';
import type { Device } from '../../integration/people.ts';
import { faultLine } from './fault-line.ts';
import type { FaultLine } from './fault-line.ts';

type Lie = (request: NetworkRequest, answer: NetworkResponse) => NetworkResponse;

interface Stage {
  readonly server: TestServer;
  readonly cert: Device;
  readonly member: Device;
  /** The checkpoint that the operator holds. */
  readonly held: { readonly note: string; readonly origin: string; readonly size: number };
  /** One of before. */
  readonly older: string;
  /** Signs a checkpoint as the server would, or with another key. */
  sign(origin: string, size: number, root: Uint8Array<ArrayBuffer>, key?: SigningKey): Promise<string>;
}

interface Attack {
  readonly name: string;
  /** Who is lied to, and what he does then. */
  readonly ask: (stage: Stage) => Promise<Result<unknown, ClientError>>;
  readonly victim: 'cert' | 'member';
  readonly lie: (stage: Stage) => Promise<Lie> | Lie;
}

const isConsistency = ({ url }: NetworkRequest) => url.includes('/log/consistency');
const isCheckpoint = ({ url }: NetworkRequest) => url.endsWith('/log/checkpoint');
const isUpload = ({ method, url }: NetworkRequest) => method === 'POST' && url.endsWith('/audit');
const isEntries = ({ method, url }: NetworkRequest) => method === 'GET' && url.includes('/audit?after');

const withJson = (answer: NetworkResponse, change: (json: never) => unknown): NetworkResponse =>
  answer.status === 200
    ? { ...answer, body: utf8(JSON.stringify(change(JSON.parse(fromUtf8(answer.body) ?? '') as never))) }
    : answer;

const prove = ({ cert }: Stage) => cert.client.proveRecord();
const sync = ({ cert }: Stage) => cert.client.sync(ignore);
const syncMember = ({ member }: Stage) => member.client.sync(ignore);
const read = ({ cert }: Stage) => cert.client.audit({ device: null, kind: null, limit: 10 });

/** Answers a proof request with another checkpoint. */
const answering =
  (note: string, consistency: readonly string[] = []): Lie =>
  (request, answer) => {
    if (isConsistency(request))
      return { ...answer, status: 200, body: utf8(JSON.stringify({ checkpoint: note, consistency })) };
    return isCheckpoint(request) ? { ...answer, body: utf8(note) } : answer;
  };

interface Entry {
  readonly index: number;
  readonly entry: string;
  readonly salt: string | null;
  readonly payload: string | null;
}

/** Answers the log with other entries. */
const entries =
  (change: (entries: readonly Entry[]) => readonly Entry[]): Lie =>
  (request, answer) =>
    isEntries(request)
      ? withJson(answer, (page: { entries: Entry[] }) => ({ ...page, entries: change(page.entries) }))
      : answer;

const receipt =
  (change: (receipt: { indices: number[]; hashes: string[]; consistency?: string[] }) => unknown): Lie =>
  (request, answer) =>
    isUpload(request) ? withJson(answer, change) : answer;

const random = () => new Uint8Array(randomBytes(32));

const ATTACKS: readonly Attack[] = [
  {
    name: 'split view: another tree of the same size',
    victim: 'cert',
    ask: prove,
    lie: async ({ held, sign }) => answering(await sign(held.origin, held.size, random())),
  },
  {
    name: 'rollback: the log is shorter than it was',
    victim: 'cert',
    ask: prove,
    lie: ({ older }) => {
      return (request, answer) => {
        if (isConsistency(request)) return { ...answer, status: 404, body: utf8('{}') };
        return isCheckpoint(request) ? { ...answer, body: utf8(older) } : answer;
      };
    },
  },
  { name: 'replay: a checkpoint of before', victim: 'cert', ask: prove, lie: ({ older }) => answering(older) },
  {
    name: 'future checkpoint: a tree nobody has seen',
    victim: 'cert',
    ask: prove,
    lie: async ({ held, sign }) =>
      answering(await sign(held.origin, held.size + 1000, random()), [toBase64url(random()), toBase64url(random())]),
  },
  {
    name: 'wrong proof: one hash is another',
    victim: 'cert',
    ask: prove,
    lie: () => (request, answer) =>
      isConsistency(request)
        ? withJson(answer, (one: { consistency: string[] }) => ({
            ...one,
            consistency: [toBase64url(random()), ...one.consistency.slice(1)],
          }))
        : answer,
  },
  {
    name: 'swapped key: signed by another',
    victim: 'cert',
    ask: prove,
    lie: async ({ held, sign }) => {
      const other = await importSigningKey(await generateSigningSecret());
      return answering(await sign(held.origin, held.size + 1, random(), other));
    },
  },
  {
    name: 'new log without a statement of an operator',
    victim: 'cert',
    ask: prove,
    lie: async ({ held, sign }) => answering(await sign(held.origin.replace(/1$/, '2'), held.size + 1, random())),
  },
  {
    name: 'drop: acknowledged, but another entry stands there',
    victim: 'member',
    ask: syncMember,
    lie: () => receipt((one) => ({ ...one, indices: one.indices.map((index) => index - 1) })),
  },
  {
    name: 'wrong inclusion proof',
    victim: 'member',
    ask: syncMember,
    lie: () => receipt((one) => ({ ...one, hashes: one.hashes.map(() => toBase64url(random())) })),
  },
  {
    name: 'acknowledged without a proof that the log grew',
    victim: 'member',
    ask: syncMember,
    lie: () => receipt(({ consistency, ...one }) => (consistency === undefined ? one : { ...one })),
  },
  {
    name: 'fork: the log goes back behind what it acknowledged',
    victim: 'member',
    ask: syncMember,
    lie: () => (request, answer) =>
      isUpload(request)
        ? {
            ...answer,
            status: 409,
            body: utf8(JSON.stringify({ expected: { seq: 1, prev: toBase64url(new Uint8Array(32)) } })),
          }
        : answer,
  },
  {
    name: 'drop: an entry is not shown',
    victim: 'cert',
    ask: read,
    lie: () => entries((all) => all.filter((one) => one.index !== 6)),
  },
  {
    name: 'drop: an entry is not shown and the others close up',
    victim: 'cert',
    ask: read,
    lie: () => entries((all) => all.filter((one) => one.index !== 6).map((one, index) => ({ ...one, index }))),
  },
  {
    name: 'reorder: two entries change places',
    victim: 'cert',
    ask: read,
    lie: () =>
      entries((all) => {
        const [a, b] = [all[5] as Entry, all[6] as Entry];
        return all.map((one, at) => (at === 5 ? { ...b, index: 5 } : at === 6 ? { ...a, index: 6 } : one));
      }),
  },
  {
    name: 'alter: one bit of an entry',
    victim: 'cert',
    ask: read,
    lie: () =>
      entries((all) =>
        all.map((one, at) =>
          at === 4 ? { ...one, entry: `${one.entry.slice(0, 100)}AAAA${one.entry.slice(104)}` } : one,
        ),
      ),
  },
  {
    name: 'replay: an entry stands there twice',
    victim: 'cert',
    ask: read,
    lie: () => entries((all) => [...all.slice(0, 6), all[5] as Entry, ...all.slice(6)]),
  },
  {
    name: 'payload of another entry',
    victim: 'cert',
    ask: read,
    lie: () =>
      entries((all) =>
        all.map((one, at) =>
          at === 3 ? { ...one, salt: (all[4] as Entry).salt, payload: (all[4] as Entry).payload } : one,
        ),
      ),
  },
  {
    name: 'withheld payload: what an entry says is not shown, and no deletion is written down',
    victim: 'cert',
    ask: read,
    lie: () => entries((all) => all.map((one, at) => (at === 7 ? { ...one, salt: null, payload: null } : one))),
  },
  {
    name: 'stale manifest: an older list of bundles',
    victim: 'member',
    ask: syncMember,
    lie: async ({ cert, member }) => {
      const { session } = cert.opened;
      const org = member.opened.session.identity.org as never;
      const at = paths(session.identity.deployment);
      const first = await session.http.ask({ method: 'GET', path: at.manifestVersion(org, session.signer.kid, 1) });
      const body = first.ok ? first.value.body : utf8('');
      return (request, answer) => (request.url.endsWith('/manifest') ? { ...answer, status: 200, body } : answer);
    },
  },
  {
    name: 'withheld file: a bundle that is said to have expired',
    victim: 'member',
    ask: async (stage) => {
      const { cert } = stage;
      const name = toBase64url(random().subarray(0, 6))
        .toLowerCase()
        .replaceAll(/[^a-z0-9]/g, 'x');
      must(await load(cert.client, name, [`https://vpn.watched.example/:${name}@watched.example:Waiting-2-x`]));
      await cert.client.publish([], MASKED, ignore);
      return syncMember(stage);
    },
    lie: () => (request, answer) =>
      request.method === 'GET' && request.url.includes('/blobs/')
        ? { ...answer, status: 410, body: utf8('{}') }
        : answer,
  },
  {
    name: 'rollback of the directory',
    victim: 'cert',
    ask: sync,
    lie: () => (request, answer) =>
      request.url.includes('/chains') ? withJson(answer, () => ({ statements: [], position: 1, more: false })) : answer,
  },
  {
    name: 'withheld feed: the list of bundles is gone',
    victim: 'member',
    ask: syncMember,
    lie: () => (request, answer) =>
      request.url.endsWith('/manifest') ? { ...answer, status: 404, body: utf8('{}') } : answer,
  },
];

/** Each attack `rounds` times. An attack counts as noticed when it fails as forged, and its evidence file names what was signed. */
export async function evilServer(rounds: number, say: (line: string) => void = ignore): Promise<FaultLine> {
  const server = await startTestServer({
    rates: { ...DEFAULT_RATES, byAddress: { burst: 100_000, perHour: 1_000_000 } },
  });
  let [attacks, undetected, acked, lost] = [0, 0, 0, 0];
  try {
    const cert = await makeCert(server.origin);
    const { device: member, listing } = await makeMember(cert, 'Watched Office', 'watched.example');
    must(await load(cert.client, 'f1', ['https://vpn.watched.example/:w1@watched.example:Waiting-1-x']));
    await cert.client.publish([listing.listId], MASKED, ignore);
    must(await member.client.sync(ignore));
    const older = (await cert.client.record()).checkpoint ?? '';
    for (let round = 0; round < rounds; round++) {
      for (const attack of ATTACKS) {
        const stage = await prepare(server, cert, member, older);
        const victim = attack.victim === 'cert' ? cert : member;
        const lie = await attack.lie(stage);
        victim.network.trouble = (request) => (answer) => lie(request, answer);
        const result = await attack.ask(stage);
        victim.network.trouble = () => 'none';
        attacks += 1;
        if (!result.ok && result.error.kind === 'forged' && (await hasEvidence(victim, result.error))) continue;
        undetected += 1;
        say(`not noticed: ${attack.name} (${JSON.stringify(result)})`);
      }
      for (const device of [cert, member]) {
        must(await device.client.sync(ignore));
        const own = must(await device.client.proveOwnEntries(ignore));
        acked += own.entries;
        lost += own.waiting;
      }
    }
    return faultLine('evil_server', rounds, { acked, lost, attacks, undetected });
  } finally {
    await server.stop();
  }
}

/** Both have contacted the log honestly, and it has grown since. */
async function prepare(server: TestServer, cert: Device, member: Device, older: string): Promise<Stage> {
  must(await cert.client.sync(ignore));
  must(await member.client.sync(ignore));
  must(await cert.client.proveRecord());
  const note = (await cert.client.record()).checkpoint ?? '';
  const held = parseCheckpointText(note);
  if (held === null) throw new Error('no checkpoint');
  for (const device of [cert, member]) {
    must(await device.opened.session.audit.recordAlone({ kind: 'heartbeat', operations: 1 }));
  }
  must(await member.opened.session.audit.upload());
  must(await member.opened.session.audit.recordAlone({ kind: 'heartbeat', operations: 2 }));
  return {
    server,
    cert,
    member,
    older,
    held: { note, origin: held.origin, size: held.size },
    async sign(origin, size, root, key = server.server.deps.logKeys.checkpoint) {
      const text = checkpointText({ origin, size, root });
      const signer = { name: origin, type: 'log', publicKey: key.publicKey, sign: key.sign.bind(key) } as const;
      return fromUtf8(encodeNote({ text, signatures: [await signNote(text, signer)] })) ?? '';
    },
  };
}

async function hasEvidence(device: Device, error: { readonly what: string; readonly code: string }): Promise<boolean> {
  const { alarms } = await device.client.record();
  const alarm = alarms.find(({ what, code, seen }) => what === error.what && code === error.code && !seen);
  if (alarm === undefined) return false;
  const file = must(await device.client.alarmEvidence(alarm.id));
  must(await device.client.alarmSeen(alarm.id));
  const text = fromUtf8(file.bytes) ?? '';
  return text.includes('sealpost-evidence/1') && text.includes(`"code": "${error.code}"`);
}
