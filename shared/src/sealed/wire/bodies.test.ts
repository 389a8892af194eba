import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import type { Sid } from '../envelope/statement.ts';
import { toBase64url } from '../../base/base64url.ts';
import { hash, keyFor, makeDeployment } from '../directory/deployment.fixture.ts';
import {
  AuditBodySchema,
  AuditConflictSchema,
  ChainsConflictSchema,
  InvitationsBodySchema,
  StatementsBodySchema,
} from './bodies.ts';
import { MAX_STATEMENTS_PER_POST } from './limits.ts';
import { paths, ROUTES } from './paths.ts';
import { parseProblemCode, problem, PROBLEM_CODES } from './problem.ts';
import { msToSeconds, secondsToMs } from './times.ts';

const accepts = (schema: v.GenericSchema, value: unknown) => v.safeParse(schema, value).success;

describe('bodies', () => {
  it('of statements take real ones, and nothing empty, foreign, or too many', async () => {
    const { statements } = await makeDeployment();
    const compacts = statements.map((statement) => statement.compact);
    expect(accepts(StatementsBodySchema, { statements: compacts })).toBe(true);
    const many = new Array<string>(MAX_STATEMENTS_PER_POST + 1).fill(compacts[0] as string);
    for (const bad of [
      { statements: [] },
      { statements: many },
      { statements: ['x.y.z'] },
      { statements: compacts, more: 1 },
      compacts,
      null,
    ])
      expect(accepts(StatementsBodySchema, bad)).toBe(false);
  });

  it('of audit entries have exact sizes', () => {
    const entry = {
      entry: toBase64url(new Uint8Array(172)),
      salt: hash('salt'),
      payload: toBase64url(new Uint8Array(512)),
    };
    expect(accepts(AuditBodySchema, { entries: [entry] })).toBe(true);
    for (const bad of [
      { ...entry, entry: toBase64url(new Uint8Array(171)) },
      { ...entry, payload: `${entry.payload}A` },
      { ...entry, salt: 'short' },
      { ...entry, extra: 1 },
    ])
      expect(accepts(AuditBodySchema, { entries: [bad] })).toBe(false);
  });

  it('of invitations hold hashes and seconds', () => {
    expect(accepts(InvitationsBodySchema, { invitations: [{ token: hash('token'), exp: 1_800_000_000 }] })).toBe(true);
    expect(accepts(InvitationsBodySchema, { invitations: [{ token: hash('token'), exp: 1_800_000_000_000 }] })).toBe(
      false,
    );
  });
});

describe('problems', () => {
  it('name a code of the closed list and carry what the caller needs', async () => {
    const { statements } = await makeDeployment();
    for (const code of PROBLEM_CODES) expect(parseProblemCode(problem(code))).toBe(code);
    const conflict = problem('conflict', { heads: { cert: [1, statements[0]?.sid as string] } });
    expect(conflict).toMatchObject({ type: 'urn:sealpost:problem:conflict', status: 409 });
    expect(accepts(ChainsConflictSchema, conflict)).toBe(true);
    expect(accepts(AuditConflictSchema, problem('conflict', { expected: { seq: 3, prev: hash('leaf') } }))).toBe(true);
    expect(accepts(AuditConflictSchema, conflict)).toBe(false);
  });

  it('extra members never change type or status, and other bodies are no problem of ours', () => {
    expect(problem('quota', { status: 200, type: 'x' })).toEqual({ type: 'urn:sealpost:problem:quota', status: 429 });
    for (const other of [
      null,
      '<html>',
      {},
      { type: 'about:blank', status: 500 },
      { type: 'urn:sealpost:problem:made-up', status: 400 },
    ])
      expect(parseProblemCode(other)).toBeNull();
  });
});

describe('paths', () => {
  it('fit the routes', async () => {
    const deployment = hash('deployment') as Sid;
    const { kid } = await keyFor('device');
    const at = paths(deployment);
    const made: [string, keyof typeof ROUTES][] = [
      [at.chainsAfter(12), 'chains'],
      [at.invitations(), 'invitations'],
      [at.requests(), 'requests'],
      [at.request(hash('r')), 'request'],
      [at.decision(hash('r')), 'decision'],
      [at.logKeys(), 'logKeys'],
      [at.blobPart(hash('b'), 8_388_608, 9_000_000), 'blob'],
      [at.manifest('cert', kid), 'manifest'],
      [at.manifestVersion('cert', kid, 3), 'manifestVersion'],
      [at.auditAfter(0), 'audit'],
      [at.events(), 'events'],
    ];
    for (const [path, route] of made) {
      const pattern = new RegExp(`^/api/v1${ROUTES[route].replace(/:[a-z0-9]+/g, '[A-Za-z0-9_-]+')}(\\?[a-z0-9=&]+)?$`);
      expect(path).toMatch(pattern);
    }
  });
});

it('seconds and milliseconds convert without drift', () => {
  expect(msToSeconds(1_767_582_000_999)).toBe(1_767_582_000);
  expect(secondsToMs(1_767_582_000)).toBe(1_767_582_000_000);
});
