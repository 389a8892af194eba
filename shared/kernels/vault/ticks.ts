/** Runs of ticks on their way into a block (packed-times.ts). All ones: unknown. */

const NO_TICK: u32 = 0xffffffff;
/** The most distinct ticks that fit a byte each, with room for the unknown; slots for them, u16 each. */
const FEW: u32 = 255;
const FEW_SLOTS: u32 = 1024;

/** Writes the least and the largest known tick and how many are unknown to `out`; with none known, the least is all ones. */
export function boundTicks(at: usize, count: u32, out: usize): void {
  const stop = at + ((<usize>count) << 2);
  let least = NO_TICK;
  let most: u32 = 0;
  let unknown: u32 = 0;
  for (; at < stop; at += 4) {
    const tick = load<u32>(at);
    if (tick === NO_TICK) {
      unknown++;
      continue;
    }
    if (tick < least) least = tick;
    if (tick > most) most = tick;
  }
  store<u32>(out, least);
  store<u32>(out, most, 4);
  store<u32>(out, unknown, 8);
}

/** Whether all known ticks are a multiple of `grain` after `least`. */
export function areOnGrain(at: usize, count: u32, least: u32, grain: u32): bool {
  const stop = at + ((<usize>count) << 2);
  for (; at < stop; at += 4) {
    const tick = load<u32>(at);
    if (tick !== NO_TICK && (tick - least) % grain !== 0) return false;
  }
  return true;
}

/** Writes the distinct known ticks as they come, and a byte a tick: which it is. Answers how many; FEW + 1 where there are more. */
export function listFew(at: usize, count: u32, slots: usize, values: usize, codes: usize): u32 {
  memory.fill(slots, 0, FEW_SLOTS << 1);
  const stop = at + ((<usize>count) << 2);
  let distinct: u32 = 0;
  for (; at < stop; at += 4, codes++) {
    const tick = load<u32>(at);
    if (tick === NO_TICK) {
      store<u8>(codes, <u8>FEW);
      continue;
    }
    let slot = (tick * 0x9e3779b1) >>> 22;
    let held: u32;
    while (true) {
      held = <u32>load<u16>(slots + ((<usize>slot) << 1));
      if (held === 0 || load<u32>(values + ((<usize>held) << 2) - 4) === tick) break;
      slot = (slot + 1) & (FEW_SLOTS - 1);
    }
    if (held === 0) {
      if (distinct === FEW) return FEW + 1;
      store<u32>(values + ((<usize>distinct) << 2), tick);
      held = ++distinct;
      store<u16>(slots + ((<usize>slot) << 1), <u16>held);
    }
    store<u8>(codes, <u8>(held - 1));
  }
  return distinct;
}

/** Writes ticks as steps of `grain` after `least`, `width` bytes each; all ones stay all ones. */
export function narrowTicks(at: usize, count: u32, least: u32, grain: u32, width: u32, into: usize): void {
  const stop = at + ((<usize>count) << 2);
  for (; at < stop; at += 4, into += width) {
    const tick = load<u32>(at);
    const step = tick === NO_TICK ? NO_TICK : (tick - least) / grain;
    if (width === 1) store<u8>(into, <u8>step);
    else if (width === 2) store<u16>(into, <u16>step);
    else store<u32>(into, step);
  }
}
