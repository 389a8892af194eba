/** What the CERT committed to, the organisation counted, and anybody can check later. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { commitToCounts } from '@sealpost/shared/sealed/mailbox/counts';
import { verifyCountsProof } from '@sealpost/shared/sealed/mailbox/counts-proof';
import { keyOf } from '@sealpost/shared/sealed/directory/roles';
import { ignore, load, makeCert, makeMember, MASKED, must } from './people.ts';
import type { Device } from './people.ts';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';

const DOMAIN = 'moe.example';
let server: TestServer;
let cert: Device;
let member: Device;
let bundleId: string;

beforeAll(async () => {
  server = await startTestServer();
  cert = await makeCert(server.origin);
  const made = await makeMember(cert, 'Moe', DOMAIN);
  member = made.device;
  const lines = Array.from({ length: 5 }, (_, n) => `https://vpn.${DOMAIN}/login:person${n}@${DOMAIN}:Un-Usual-${n}`);
  must(await load(cert.client, 'with-sites', lines));
  must(await load(cert.client, 'pairs', [`alone@${DOMAIN}:Nowhere-1-x`, `other@${DOMAIN}:Nowhere-2-x`], 'combo'));
  const [outcome] = await cert.client.publish([made.listing.listId], MASKED, ignore);
  bundleId = outcome?.kind === 'published' ? outcome.bundleId : '';
  must(await member.client.sync(ignore));
});
afterAll(() => server.stop());

const check = (text: string) =>
  verifyCountsProof(text, (kid) => keyOf(member.opened.session.directory.current, kid)?.publicKey ?? null);

it('the organisation sees how many findings of those that matched are here, by source', async () => {
  const [bundle] = await member.client.bundles();
  expect(bundle?.findings).toBe(5);
  expect(bundle?.completeness).toMatchObject({ matched: 7, sources: [{ alias: 'SRC-1', count: 5 }] });
});

it('the operator’s proof opens the commitment that the organisation kept, and names no finding', async () => {
  const file = must(await cert.client.countsProof(bundleId));
  const text = new TextDecoder().decode(file.bytes);
  const proved = await check(text);
  expect(proved).toMatchObject({ ok: true, value: { bundle: bundleId, findings: 5, sources: { 'SRC-1': 5 } } });
  const { counts } = JSON.parse(text) as { counts: Parameters<typeof commitToCounts>[0] };
  const [bundle] = await member.client.bundles();
  expect(commitToCounts(counts)).toBe(bundle?.completeness?.commitment);
  expect(text).not.toContain(DOMAIN);
});

it('a proof with other numbers, another bundle or another signer is refused', async () => {
  const text = new TextDecoder().decode(must(await cert.client.countsProof(bundleId)).bytes);
  const refusal = async (altered: string) => {
    expect(altered).not.toBe(text);
    const proved = await check(altered);
    return proved.ok ? 'held' : proved.error.kind;
  };
  expect(await refusal(text.replace('"SRC-1": 5', '"SRC-1": 6'))).toBe('counts');
  expect(await refusal(text.replace(bundleId, 'AAAAAAAAAAAAAAAAAAAAAA'))).toBe('not-listed');
  expect(await refusal(text.replace(/[A-Za-z0-9_-]{10}",(\s+"bundle")/, 'AAAAAAAAAA",$1'))).toBe('signature');
  expect(await refusal(text.replace('sealpost-counts/1', 'sealpost-counts/2'))).toBe('malformed');
  const stranger = await verifyCountsProof(text, () => null);
  expect(stranger).toMatchObject({ ok: false, error: { kind: 'signature' } });
});

it('a bundle that is not listed any more has no proof', async () => {
  must(await cert.client.withdraw(bundleId, 'wrong_content'));
  expect(await cert.client.countsProof(bundleId)).toMatchObject({ ok: false, error: { kind: 'not-found' } });
});
