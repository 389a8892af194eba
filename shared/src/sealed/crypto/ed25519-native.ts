import type { Bytes } from '../../base/bytes.ts';
import { fromHex } from '../../base/bytes.ts';

/**
 * The platform's own Ed25519 verification, and the probe that tells whether it may be used: present, and cofactorless like every
 * other engine that Sealpost meets. No check of ours stands in front here: call `verifyEd25519`.
 */

/** False where the engine has no Ed25519, refuses the key, or finds the signature bad. */
export async function verifyNative(
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', publicKey as Bytes, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', key, signature as Bytes, message as Bytes);
  } catch {
    return false; // not on the curve, or no such algorithm
  }
}

let agreement: Promise<boolean> | null = null;

/** True if the native engine gives the published verdicts on the two cases that tell engines apart. Asked once, then remembered. */
export function nativeEd25519Agrees(): Promise<boolean> {
  agreement ??= probe();
  return agreement;
}

/**
 * Key, signature and message of ed25519-speccheck cases 3 (holds with and without cofactor) and 4 (holds only with it).
 * Source: github.com/novifinancial/ed25519-speccheck, cases.txt.
 */
const MIXED_ORDER_KEY = 'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d';
const HOLDS = {
  signature:
    '9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009',
  message: '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79',
};
const NEEDS_COFACTOR = {
  signature:
    '160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09',
  message: 'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c',
};

async function probe(): Promise<boolean> {
  const verdict = (example: typeof HOLDS): Promise<boolean> =>
    verifyNative(bytesOf(MIXED_ORDER_KEY), bytesOf(example.signature), bytesOf(example.message));
  return (await verdict(HOLDS)) && !(await verdict(NEEDS_COFACTOR));
}

function bytesOf(hex: string): Bytes {
  return fromHex(hex) as Bytes; // constants above
}
