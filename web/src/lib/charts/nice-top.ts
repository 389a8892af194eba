/** Where an axis ends. */

/** The next of 2, 4, 10, 20, 40, 100 … that is not below `value`: halves stay whole. */
export function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const steps = [1, 2, 3, 4, 6, 8, 10].map((factor) => factor * power);
  return steps.find((candidate) => candidate >= value && candidate >= 2) ?? value;
}
