/** Places in a kernel's memory. */

/** As the kernel takes slots of lists: four times as many whenever half are in use. */
const FIRST_SLOTS = 1024;

/** Gives one place of so many bytes after the other, each at a multiple of 8. */
export function placesFrom(start: number): (bytes: number) => number {
  let next = Math.ceil(start / 8) * 8;
  return (bytes) => {
    const at = next;
    next = Math.ceil((next + bytes) / 8) * 8;
    return at;
  };
}

/** Slots that `most` lists need. */
export function slotsFor(most: number): number {
  let slots = FIRST_SLOTS;
  while (slots < 2 * most) slots *= 4;
  return slots;
}
