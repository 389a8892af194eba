/** Counts records by the machine they came from, until its summary is asked for. */
import type { LoadedRecord, Machine, MachineSummary } from '../record.ts';

/** A provider's export that names more machines than this has the rest without a summary. */
const MOST_MACHINES = 100_000;

export class MachineTally {
  readonly #byKey = new Map<string, { readonly machine: Machine; passwords: number }>();

  add(records: readonly LoadedRecord[]): void {
    for (const { machine } of records) {
      if (machine === null) continue;
      const known = this.#byKey.get(machine.key);
      if (known !== undefined) known.passwords++;
      else if (this.#byKey.size < MOST_MACHINES) this.#byKey.set(machine.key, { machine, passwords: 1 });
    }
  }

  /** Records of one machine, which is then forgotten. */
  take(key: string): number {
    const passwords = this.#byKey.get(key)?.passwords ?? 0;
    this.#byKey.delete(key);
    return passwords;
  }

  /** Machines that are known by their records alone, as in a provider's export at `entry`; then forgotten. */
  takeAll(entry: string): readonly MachineSummary[] {
    const machines = [...this.#byKey.values()].map(({ machine, passwords }) => ({
      ...machine,
      entry,
      capturedText: null,
      passwords,
      cookies: 0,
      autofillEntries: 0,
      sessionCookies: [],
    }));
    this.#byKey.clear();
    return machines;
  }
}
