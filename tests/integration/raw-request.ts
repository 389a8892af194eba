/** A signed request as bytes on the line, for those who send it slowly, in pieces, or many times. */
import { toBase64url } from '@sealpost/shared/base/base64url';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { utf8 } from '@sealpost/shared/base/bytes';
import type { SigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import { signRequest } from '@sealpost/shared/sealed/wire/request-signature';
import { bodyBytes, random } from './scene.ts';
import type { Sending } from './scene.ts';

/** Head and body. The signature lives for 300 s. */
export async function rawRequest(origin: string, signer: SigningKey, sending: Sending): Promise<Bytes> {
  const { method, path } = sending;
  const url = origin + path;
  const body = bodyBytes(sending.body) ?? new Uint8Array(0);
  const signed = await signRequest({
    method,
    url,
    body,
    signer,
    nowMs: sending.nowMs ?? Date.now(),
    nonce: sending.nonce ?? toBase64url(random(16)),
  });
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    ...(body.length === 0 ? [] : [`Content-Length: ${body.length}`]),
    ...Object.entries({ ...signed, ...sending.headers }).map(([name, value]) => `${name}: ${value}`),
  ];
  return new Uint8Array(Buffer.concat([utf8(`${lines.join('\r\n')}\r\n\r\n`), body]));
}
