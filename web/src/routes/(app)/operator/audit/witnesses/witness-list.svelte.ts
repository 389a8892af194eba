/** Who watches the record: read from the directory, changed by signed statements, each of which can be taken back by the next one. */
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { WitnessKeyReading } from '@sealpost/shared/opened/client/read-witness-key';
import type { Messages } from '#lib/messages/messages.svelte.ts';
import type { Toasts } from '#lib/state/toasts.svelte.ts';
import type { Vault } from '#lib/state/vault.svelte.ts';

export interface NamedWitness {
  readonly name: string;
  readonly key: string;
}

/** What to say below the field: that the key is whole, or what to do about it. */
export type KeyVerdict = { readonly kind: 'none' } | { readonly kind: 'good' | 'bad'; readonly text: string };

export class WitnessList {
  readonly #vault: Vault;
  readonly #toasts: Toasts;
  readonly #t: Messages;
  typed = $state('');
  busy = $state(false);
  error = $state.raw<ClientError | null>(null);
  /** Somebody wanted to add what is typed: an empty field is a mistake from then on. */
  #isAsked = $state(false);
  #reading = $state.raw<WitnessKeyReading>({ kind: 'empty' });

  readonly witnesses = $derived.by<readonly NamedWitness[]>(() => {
    const { names, keys } = this.#vault.record?.witnesses ?? { names: [], keys: [] };
    return names.map((name, at) => ({ name, key: keys[at] ?? '' }));
  });
  readonly quorum = $derived.by(() => this.#vault.record?.witnesses.quorum ?? 0);
  readonly logKey = $derived.by(() => this.#vault.record?.logKey ?? null);
  readonly verdict = $derived.by<KeyVerdict>(() => this.#judge());

  constructor(vault: Vault, toasts: Toasts, t: Messages) {
    this.#vault = vault;
    this.#toasts = toasts;
    this.#t = t;
    $effect(() => {
      const asked = this.typed;
      void vault.api.readWitnessKey(asked).then((reading) => {
        if (asked === this.typed) this.#reading = reading;
      });
    });
  }

  /** Adds what is typed, if it is a key. Where all had to confirm, all have to from then on. */
  async add(): Promise<boolean> {
    this.#isAsked = true;
    this.#reading = await this.#vault.api.readWitnessKey(this.typed);
    if (this.verdict.kind !== 'good' || this.#reading.kind !== 'witness') return false;
    const { key, name } = this.#reading;
    const { witnesses, quorum } = this;
    const isAll = quorum === witnesses.length;
    const keys = [...witnesses.map((one) => one.key), key];
    if (!(await this.#name(keys, isAll ? keys.length : quorum, this.#t.audit.witnesses.page.added(name)))) return false;
    this.typed = '';
    this.#isAsked = false;
    return true;
  }

  async remove({ name, key }: NamedWitness): Promise<void> {
    const keys = this.witnesses.map((one) => one.key).filter((one) => one !== key);
    await this.#name(keys, Math.min(this.quorum, keys.length), this.#t.audit.witnesses.page.removed(name));
  }

  async setQuorum(quorum: number): Promise<void> {
    const keys = this.witnesses.map(({ key }) => key);
    if (quorum !== this.quorum) await this.#name(keys, quorum, this.#t.audit.witnesses.page.quorumSet);
  }

  /** Signs the list; with a note by which it can be taken back for a while. */
  async #name(keys: readonly string[], quorum: number, told: string): Promise<boolean> {
    const before = { keys: this.witnesses.map(({ key }) => key), quorum: this.quorum };
    if (!(await this.#sign(keys, quorum))) return false;
    const undo = async () => {
      if (await this.#sign(before.keys, before.quorum))
        this.#toasts.show(this.#t.audit.witnesses.page.undone, { tone: 'good' });
    };
    this.#toasts.show(told, { tone: 'good', undo });
    return true;
  }

  async #sign(keys: readonly string[], quorum: number): Promise<boolean> {
    this.busy = true;
    this.error = null;
    const named = await this.#vault.api.nameWitnesses(keys, quorum);
    this.busy = false;
    if (!named.ok) this.error = named.error;
    return named.ok;
  }

  #judge(): KeyVerdict {
    const words = this.#t.audit.witnesses.page;
    const reading = this.#reading;
    if (reading.kind === 'empty' && !this.#isAsked) return { kind: 'none' };
    if (reading.kind !== 'witness') return { kind: 'bad', text: words.wrong[reading.kind] };
    const known = this.witnesses.find(({ name }) => name === reading.name);
    if (known === undefined) return { kind: 'good', text: words.fits(reading.name) };
    return { kind: 'bad', text: (known.key === reading.key ? words.known : words.otherKey)(reading.name) };
  }
}
