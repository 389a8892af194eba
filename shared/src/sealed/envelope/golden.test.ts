import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import golden from '../../../vectors/v1/sealed.json' with { type: 'json' };
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { utf8 } from '../../base/bytes.ts';
import { padmeLength } from '../../base/padme.ts';
import { importAgeIdentity } from '../crypto/age.ts';
import type { SigningKey } from '../crypto/ed25519.ts';
import { importSigningKey, signingSecretOfSeed } from '../crypto/ed25519.ts';
import { digits } from '../crypto/keys.ts';
import { openWithPassphrase } from '../crypto/passphrase.ts';
import { commitToCounts } from '../mailbox/counts.ts';
import { checkManifest } from '../mailbox/check-manifest.ts';
import { parseManifest, verifyManifest } from '../mailbox/manifest.ts';
import { isListed } from '../mailbox/manifest-claims.ts';
import type { OrgId } from './heads.ts';
import { openEnvelope } from './open.ts';
import type { Sid } from './statement.ts';
import { parseStatement, sidToBytes, signStatement, verifyStatement } from './statement.ts';

function file(name: string): Bytes {
  return new Uint8Array(readFileSync(new URL(`../../../vectors/v1/${name}`, import.meta.url)));
}
const key = (): Promise<SigningKey> =>
  signingSecretOfSeed(parseBase64url(golden.seed, 32) as Bytes).then(importSigningKey);
const org = golden.bundle.org as OrgId;

describe('version 1, for ever', () => {
  it('lengths, digits and commitments come out as they did', () => {
    for (const [length, padded] of Object.entries(golden.padme)) expect(padmeLength(Number(length))).toBe(padded);
    const sid = sidToBytes(golden.statement.sid as Sid);
    for (const use of ['root', 'request', 'device'] as const) expect(digits(use, sid, sid)).toEqual(golden.digits[use]);
    expect(commitToCounts({ salt: golden.counts.salt, sources: golden.counts.sources })).toBe(golden.counts.commitment);
  });

  it('the same claims under the same key are the same statement', async () => {
    const signed = await signStatement(golden.statement.type, golden.statement.claims, await key());
    expect(signed).toMatchObject({ sid: golden.statement.sid, compact: golden.statement.compact, kid: golden.kid });
    const read = parseStatement(golden.statement.compact);
    expect(read).toEqual({ ok: true, value: signed });
    expect(read.ok && (await verifyStatement(read.value, (await key()).publicKey))).toBe(true);
  });

  it('a mailbox of then still reads: manifest, sealed bundle, content', async () => {
    const signer = await key();
    const manifest = parseManifest(golden.manifest.compact);
    if (!manifest.ok) throw new Error(manifest.error.kind);
    expect(manifest.value.statement.sid).toBe(golden.manifest.sid);
    expect(await verifyManifest(manifest.value, signer.publicKey)).toBe(true);
    expect(checkManifest({ known: null, incoming: manifest.value, mailbox: org, nowMs: 1_795_000_000_000 }).ok).toBe(
      true,
    );
    const item = manifest.value.claims.items.find(isListed);
    expect(item).toMatchObject({ id: golden.bundle.id, counts: golden.counts.commitment });
    const opened = await openEnvelope({
      sealed: file('bundle.age'),
      expected: { sha256: parseBase64url(item?.sha256 ?? '', 32) as Bytes, size: item?.size ?? 0 },
      identities: [await importAgeIdentity(golden.bundle.identity)],
      expect: { kinds: ['bundle'], org, generation: golden.bundle.generation },
      maySign: async (_kind, kid) => (kid === signer.kid ? signer.publicKey : null),
      nowMs: 1_795_000_000_000,
    });
    if (!opened.ok) throw new Error(opened.error.kind);
    expect(opened.value.content).toEqual(utf8(golden.bundle.content));
    expect(opened.value.claims).toMatchObject({ id: golden.bundle.id, counts: { sources: golden.counts.sources } });
    expect(opened.value.statement.sid).toBe(golden.bundle.sid);
    expect(toBase64url(parseBase64url(golden.bundle.sha256, 32) as Bytes)).toBe(item?.sha256);
  });

  it('a root file of then still opens', async () => {
    const opened = await openWithPassphrase(file('root-file.age'), golden.rootFile.passphrase);
    expect(opened).toEqual({ ok: true, value: utf8(golden.rootFile.content) });
  });
});
