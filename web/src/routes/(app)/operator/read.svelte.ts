/** Reads something from the vault, and again whenever one of its areas changes. Call it while a component starts. */
import type { Vault } from '#lib/state/vault.svelte.ts';
import type { VaultArea } from '#workers/vault.api.ts';

export class Reading<T> {
  /** `null` until the first answer. */
  value = $state.raw<T | null>(null);

  constructor(vault: Vault, areas: readonly VaultArea[], read: () => Promise<T>) {
    let latest = 0;
    $effect(() => {
      for (const area of areas) void vault.versions[area];
      const asked = ++latest;
      void read().then((value) => {
        if (asked === latest) this.value = value;
      });
    });
  }
}
