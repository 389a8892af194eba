/** Made-up infected machines by number. */
import { toBase64url } from '@sealpost/shared/base/base64url';
import type { Ms } from '@sealpost/shared/base/brand';
import { BROWSERS, COUNTRIES, GIVEN, GIVEN_THAI, MACHINE_PREFIXES, SYSTEMS } from './names.ts';
import { fillBytes, streamOf } from './seeds.ts';

export interface Machine {
  readonly number: number;
  /** base64url of 16 bytes. */
  readonly id: string;
  readonly name: string;
  readonly os: string;
  readonly country: string;
  readonly browser: string;
  readonly capturedAtMs: Ms;
  /** Accounts of the organisation that were used on it. */
  readonly accounts: number;
}

const DAY_MS = 86_400_000;

/** The machine `number`, captured before `seenAtMs`. */
export function machineOf(seed: number, number: number, seenAtMs: Ms): Machine {
  const random = streamOf(seed, 4, number);
  const id = new Uint8Array(16);
  fillBytes(id, random);
  const form = random.int(10);
  const name =
    form < 7
      ? `${random.pick(MACHINE_PREFIXES)}${random.hex(7)}`
      : form < 9
        ? `${random.pick(GIVEN).toUpperCase()}-${random.int(100)}`
        : `เครื่อง${random.pick(GIVEN_THAI)}${random.int(100)}`;
  return {
    number,
    id: toBase64url(id),
    name,
    os: random.pick(SYSTEMS),
    country: random.pick(COUNTRIES),
    browser: random.pick(BROWSERS),
    // Fresh ones are traded first; logs tell whole seconds.
    capturedAtMs: Math.floor((seenAtMs - random.int(1 + random.int(500)) * DAY_MS - random.int(DAY_MS)) / 1000) * 1000,
    accounts: 1 + random.int(5),
  };
}
