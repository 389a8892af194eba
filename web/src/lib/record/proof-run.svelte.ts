/** One check of the record while it runs: the whole log for an operator, all own entries for an organisation. */
import * as Comlink from 'comlink';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { Vault } from '#lib/state/vault.svelte.ts';

export class ProofRun {
  /** Entries done and in all; `null` while nothing runs. */
  progress = $state.raw<{ readonly done: number; readonly total: number } | null>(null);
  /** Entries that held, of the last run. */
  outcome = $state<number | null>(null);
  error = $state.raw<ClientError | null>(null);
  readonly #vault: Vault;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** Does nothing while one runs. */
  async start(): Promise<void> {
    if (this.progress !== null) return;
    this.progress = { done: 0, total: 0 };
    this.outcome = null;
    this.error = null;
    const tell = Comlink.proxy((done: number, total: number) => {
      if (this.progress !== null) this.progress = { done, total };
    });
    try {
      await this.#run(tell);
    } finally {
      this.progress = null;
      await this.#vault.refreshCounts();
    }
  }

  async #run(tell: (done: number, total: number) => void): Promise<void> {
    const { api, profile } = this.#vault;
    if (profile?.kind === 'cert') {
      const report = await api.audit({ device: null, kind: null, limit: 1 }, tell);
      if (report.ok) this.outcome = report.value.total;
      else this.error = report.error;
      return;
    }
    const proof = await api.proveOwnEntries(tell);
    if (proof.ok) this.outcome = proof.value.entries;
    else this.error = proof.error;
  }
}
