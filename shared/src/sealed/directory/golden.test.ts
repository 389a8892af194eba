import { expect, it } from 'vitest';
import golden from '../../../vectors/v1/directory-deployment.json' with { type: 'json' };
import type { OrgId } from '../envelope/heads.ts';
import type { Sid } from '../envelope/statement.ts';
import { parseStatement } from '../envelope/statement.ts';
import { makeScene, NOW_MS } from './deployment.fixture.ts';
import { applyStatements } from './directory.ts';
import { checkSealing } from './freshness.ts';

it('the deployment written with version 1 is still read, and made today it has the same bytes', async () => {
  const statements = golden.statements.map((compact) => {
    const statement = parseStatement(compact);
    if (!statement.ok) throw new Error(statement.error.reason);
    return statement.value;
  });
  const read = await applyStatements(null, golden.deployment as Sid, statements);
  expect(read.ok && checkSealing(read.value, golden.org as OrgId, NOW_MS).ok).toBe(true);
  const made = await makeScene('agency');
  expect(made.statements.map((statement) => statement.compact)).toEqual(golden.statements);
  expect(made.deployment).toBe(golden.deployment);
});
