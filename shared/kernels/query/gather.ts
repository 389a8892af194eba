/** Texts of many codes, one behind the other, so that they are decoded at once. */
import { DOMAINS, lastLength, original, tagOf } from './dictionary';

const AT: u8 = 0x40;

/**
 * Texts of `count` codes (u32) as they came, domains included, one behind the other to `out`; how long each is in UTF-16 to `lengths`
 * (u32). Answers the bytes of all. If they are more than `room`, they are not all there: ask again with so much. Up to 16 bytes behind
 * `room` are written.
 */
export function gatherTexts(d: usize, codes: usize, count: u32, out: usize, room: u32, lengths: usize): u32 {
  const domains = load<usize>(d, DOMAINS);
  let size: u32 = 0;
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
    const code = load<u32>(codes + i);
    const text = original(d, code);
    let length = lastLength();
    let units = size + length <= room ? copyText(text, length, out + size) : 0;
    size += length;
    const tag = domains ? tagOf(d, code) : 0;
    if (tag) {
      const domain = original(domains, tag);
      length = lastLength() + 1;
      if (size + length <= room) {
        store<u8>(out + size, AT);
        units += 1 + copyText(domain, length - 1, out + size + 1);
      }
      size += length;
    }
    store<u32>(lengths + i, units);
  }
  return size;
}

/** Copies UTF-8, 16 bytes at a time; its length in UTF-16. */
function copyText(from: usize, length: u32, to: usize): u32 {
  let units = length;
  for (let i: u32 = 0; i < length; i += 16) {
    const bytes = v128.load(from + i);
    v128.store(to + i, bytes);
    let following = i8x16.bitmask(i8x16.lt_s(bytes, i8x16.splat(-64)));
    if (following === 0) continue;
    // Four bytes are two units, others one.
    let four = i8x16.bitmask(i8x16.ge_u(bytes, i8x16.splat(-16)));
    if (length - i < 16) {
      following &= (1 << (length - i)) - 1;
      four &= (1 << (length - i)) - 1;
    }
    units += <u32>popcnt<i32>(four) - <u32>popcnt<i32>(following);
  }
  return units;
}
