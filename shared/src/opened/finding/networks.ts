/**
 * Registered address ranges of an organisation. They annotate a machine and nothing more: organisations are matched by domain, never by
 * address (DOMAIN rule 5), since addresses are shared, moved and forged in logs.
 */

/** One range: an address of 4 or 16 bytes and how many of its bits count. */
interface Network {
  readonly bytes: Uint8Array;
  readonly bits: number;
}

export class Networks {
  /** Ranges that could not be read, as written. */
  readonly refused: readonly string[];
  readonly #networks: readonly Network[];

  /** `ranges` in CIDR notation (RFC 4632, RFC 4291), or single addresses. */
  constructor(ranges: readonly string[]) {
    const refused: string[] = [];
    this.#networks = ranges.flatMap((range) => {
      const network = parseNetwork(range);
      if (network === null) refused.push(range);
      return network === null ? [] : [network];
    });
    this.refused = refused;
  }

  /** True if an address, as found in a log, lies in one of the ranges; false for anything that is none. */
  holds(address: string | null): boolean {
    if (address === null || this.#networks.length === 0) return false;
    const bytes = parseAddress(address.trim());
    return bytes !== null && this.#networks.some((network) => isWithin(bytes, network));
  }
}

function parseNetwork(range: string): Network | null {
  const [address = '', length, ...more] = range.trim().split('/');
  const bytes = parseAddress(address);
  if (bytes === null || more.length > 0) return null;
  if (length === undefined) return { bytes, bits: bytes.length * 8 };
  // A range of everything would say nothing, and one digit too few is easily written.
  if (!/^[0-9]{1,3}$/.test(length) || Number(length) > bytes.length * 8 || Number(length) === 0) return null;
  return { bytes, bits: Number(length) };
}

function isWithin(address: Uint8Array, { bytes, bits }: Network): boolean {
  if (address.length !== bytes.length) return false;
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (address[i] !== bytes[i]) return false;
  const rest = bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((address[whole] ?? 0) & mask) === ((bytes[whole] ?? 0) & mask);
}

/** 4 or 16 bytes; IPv4 inside IPv6 (`::ffff:192.0.2.1`) is IPv4. */
function parseAddress(text: string): Uint8Array | null {
  if (!text.includes(':')) return parseIpv4(text);
  const dotted = /^(.*:)(\d{1,3}(?:\.\d{1,3}){3})$/.exec(text);
  const tail = dotted === null ? null : parseIpv4(dotted[2] ?? '');
  if (dotted !== null && tail === null) return null;
  const words = tail === null ? [] : [(tail[0] ?? 0) * 256 + (tail[1] ?? 0), (tail[2] ?? 0) * 256 + (tail[3] ?? 0)];
  const plain = dotted === null ? text : `${dotted[1]}${words.map((word) => word.toString(16)).join(':')}`;
  const halves = plain.split('::');
  if (halves.length > 2) return null;
  const [head = [], end = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - end.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...end];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  const bytes = new Uint8Array(16);
  groups.forEach((group, i) => new DataView(bytes.buffer).setUint16(i * 2, parseInt(group, 16)));
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return isMapped ? bytes.slice(12) : bytes;
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256))
    return null;
  return Uint8Array.from(parts, Number);
}
