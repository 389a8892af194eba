/**
 * One identity in this browser: opens and closes its vault, hands out its calls while it is unlocked, tells pages what changed.
 * Everything it does with content is `shared/opened/client`; here is only what belongs to a browser.
 */
import { expose } from 'comlink';
import { fromUtf8 } from '@sealpost/shared/base/bytes';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { err, ok } from '@sealpost/shared/base/result';
import type { Result } from '@sealpost/shared/base/result';
import { Turn } from '@sealpost/shared/base/turn';
import type { Client } from '@sealpost/shared/opened/client/api/client';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { JoinForm } from '@sealpost/shared/opened/client/api/joining';
import type { LoadWriter } from '@sealpost/shared/opened/client/api/loading';
import type { CertSetup, Profile } from '@sealpost/shared/opened/client/api/profile';
import type { SavedFile } from '@sealpost/shared/opened/client/api/saved-file';
import { restoreBackup } from '@sealpost/shared/opened/client/backup';
import { openClient } from '@sealpost/shared/opened/client/client';
import type { OpenedClient } from '@sealpost/shared/opened/client/client';
import { createCert } from '@sealpost/shared/opened/client/create-cert';
import { createOrganisation, readInvitation } from '@sealpost/shared/opened/client/join';
import { createVault, openVault } from '@sealpost/shared/opened/client/new-vault';
import { estimatePassphrase } from '@sealpost/shared/opened/client/passphrase-strength';
import type { Ports } from '@sealpost/shared/opened/client/ports';
import { TriageRehearsal } from '@sealpost/shared/opened/client/triage-rehearsal';
import { hasKernels } from '@sealpost/shared/opened/query/create-engine';
import type { SealedStore } from '@sealpost/shared/opened/vault/store';
import { deleteDexieBackend, openDexieBackend } from '../store/dexie-backend.ts';
import type { DexieBackend } from '../store/dexie-backend.ts';
import type { OpfsFiles } from '../store/opfs-files.ts';
import type { StorageReport, VaultApi, VaultEvent } from '../vault.api';
import { CHANGED_BY_CALL } from './changed-areas.ts';
import { DiskPorts } from './disk-ports.ts';
import { deviceRoom } from './device-room.ts';
import { clearFailedUnlocks, countFailedUnlock, readFailedUnlocks } from './failed-unlocks.ts';
import { IdleLock } from './idle-lock.ts';
import { IdleWork } from './idle-work.ts';
import { Listeners } from './listeners.ts';
import { NetworkPorts } from './network-ports.ts';
import { nextTask } from './next-task.ts';
import { ReadyEngine } from './ready-engine.ts';
import { tabSignal } from './tab-locks.ts';
import { UnpackPorts } from './unpack-ports.ts';

export class VaultHost {
  /** Also the name of the database and of the folder on disk. */
  readonly #workerName: string;
  readonly #identityId: string;
  readonly #disk: DiskPorts | OpfsFiles | null;
  readonly #listeners = new Listeners();
  readonly #network = new NetworkPorts();
  readonly #unpackers = new UnpackPorts();
  readonly #idle: IdleLock;
  readonly #idleWork = new IdleWork(() => this.#workIdly());
  readonly #ready = new ReadyEngine();
  readonly #ports: Ports;
  readonly #rehearsal: TriageRehearsal;
  readonly #closeWorker: () => void;
  #backend: Promise<DexieBackend> | null = null;
  #open: (OpenedClient & { readonly store: SealedStore }) | null = null;
  /** Two tabs may unlock at the same moment: the second finds the vault open. Of two stores one would have its writes refused. */
  readonly #opening = new Turn();

  /** `disk`: own files, or the ports through which tabs offer theirs. */
  constructor(workerName: string, disk: DiskPorts | OpfsFiles | null, closeWorker: () => void) {
    this.#workerName = workerName;
    this.#identityId = workerName.replace(/^sealpost-/, '');
    this.#disk = disk;
    this.#closeWorker = closeWorker;
    this.#idle = new IdleLock(() => void this.lock('idle'));
    this.#ports = {
      network: this.#network,
      nowMs: () => Date.now(),
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      clock: () => performance.now(),
      pause: nextTask,
      room: deviceRoom,
      readBundle: this.#unpackers.readBundle,
    };
    this.#rehearsal = new TriageRehearsal(this.#ports);
  }

  /** The calls for one page. */
  connect(): VaultApi {
    const tab = new AbortController();
    const own: Omit<VaultApi, keyof Client> = {
      isUnlocked: () => Promise.resolve(this.#open !== null),
      prepare: () => this.prepare(),
      unlock: (passphrase) => this.unlock(passphrase),
      lock: (reason) => this.lock(reason),
      touch: () => Promise.resolve(this.#idle.touch()),
      setIdleMinutes: (minutes) => Promise.resolve(this.#idle.setMinutes(minutes)),
      passphraseStrength: (passphrase) => Promise.resolve(estimatePassphrase(passphrase)),
      createCert: (setup) => this.createCert(setup),
      readInvitation: (invitation, appOrigin) => readInvitation(this.#ports, invitation, appOrigin),
      createOrganisation: (form) => this.createOrganisation(form),
      restoreBackup: (bytes, passphrase) => this.restoreBackup(bytes, passphrase),
      wipe: () => this.wipe(),
      join: (tabLock) => Promise.resolve(tabSignal(tabLock).addEventListener('abort', () => tab.abort())),
      subscribe: (onEvent) => Promise.resolve(this.#listeners.add(onEvent, tab.signal)),
      attachNetwork: (port) => Promise.resolve(this.#network.attach(port, tab.signal)),
      attachDisk: (port) => Promise.resolve(this.#attachDisk(port, tab.signal)),
      attachUnpacker: (port) => Promise.resolve(this.#unpackers.attach(port, tab.signal)),
      detachUnpacker: (line) => Promise.resolve(this.#unpackers.detach(line)),
      openLoad: (port) => this.openLoad(port),
      openUnfinishedLoad: (loadId, port) => this.openUnfinishedLoad(loadId, port),
      storage: () => this.storage(),
    };
    return new Proxy(own as VaultApi, {
      get: (target, name) => Reflect.get(target, name) ?? (typeof name === 'string' ? this.#call(name) : undefined),
    });
  }

  /** Makes an engine ready beside the typing. What fails here fails again, and is told, when the vault is opened. */
  async prepare(): Promise<void> {
    if (this.#open !== null || this.#ready.isMade) return;
    try {
      const files = await (await this.#openBackend()).segments.list();
      if (this.#open === null) void this.#ready.make(files.reduce((sum, { size }) => sum + size, 0));
    } catch {
      this.#ready.take();
    }
  }

  unlock(passphrase: ArrayBuffer): Promise<Result<Profile, ClientError>> {
    return this.#opening.run(() => this.#unlock(passphrase));
  }

  async #unlock(passphrase: ArrayBuffer): Promise<Result<Profile, ClientError>> {
    const bytes = new Uint8Array(passphrase);
    const text = fromUtf8(bytes) ?? '';
    bytes.fill(0);
    if (this.#open !== null) return ok(await this.#open.client.profile());
    const backend = await this.#openBackend();
    const store = await openVault(backend, text, this.#ports.random);
    if (!store.ok) {
      if (store.error.kind === 'wrong-passphrase') await countFailedUnlock(backend);
      return store;
    }
    const opened = await this.#begin(store.value);
    if (!opened.ok) return opened;
    const failures = await readFailedUnlocks(backend);
    await opened.value.session.audit.recordAlone({ kind: 'unlock' });
    if (failures > 0) {
      await opened.value.session.audit.recordAlone({ kind: 'unlock_failed', count: failures });
      await clearFailedUnlocks(backend);
    }
    await this.#tellDamage();
    return ok(await opened.value.client.profile());
  }

  async storage(): Promise<StorageReport> {
    const { segments } = await this.#openBackend();
    await segments.choose();
    const { usage, quota } = await navigator.storage.estimate();
    const { findings = 0, memoryBytes = 0 } = this.#open?.findings?.figures ?? {};
    return {
      kind: segments.kind,
      engine: hasKernels() ? 'kernels' : 'plain',
      persisted: await navigator.storage.persisted(),
      usageBytes: usage ?? null,
      quotaBytes: quota ?? null,
      memoryBytes,
      findings,
    };
  }

  /** Records the lock, forgets everything, tells all pages, ends the worker: nothing stays in its memory. */
  async lock(reason: 'manual' | 'idle'): Promise<void> {
    const open = this.#open;
    this.#open = null;
    this.#idle.stop();
    this.#idleWork.stop();
    if (open !== null) {
      await open.session.audit.recordAlone({ kind: 'lock', cause: reason === 'manual' ? 'hand' : 'idle' });
      await open.store.close();
    }
    this.#tell({ kind: 'locked', reason });
    this.#closeWorker();
  }

  async createCert(
    setup: CertSetup,
  ): Promise<Result<{ readonly profile: Profile; readonly rootFile: SavedFile }, ClientError>> {
    return this.#create(setup.passphrase, (store) => createCert(store, this.#ports, this.#identityId, setup));
  }

  async createOrganisation(form: JoinForm): Promise<Result<Profile, ClientError>> {
    const made = await this.#create(form.passphrase, async (store) => {
      const created = await createOrganisation(store, this.#ports, this.#identityId, form);
      return created.ok ? ok({}) : created;
    });
    if (!made.ok) return made;
    // Offline: the request waits in the outbox, and the status page says so.
    await this.#open?.client.sync(() => undefined);
    return ok((await this.#open?.client.profile()) ?? made.value.profile);
  }

  async restoreBackup(bytes: Bytes, passphrase: string): Promise<Result<Profile, ClientError>> {
    const made = await this.#create(passphrase, async (store) => {
      const restored = await restoreBackup(store, this.#identityId, bytes, passphrase);
      return restored.ok ? ok({}) : restored;
    });
    return made.ok ? ok(made.value.profile) : made;
  }

  async wipe(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    this.#idle.stop();
    this.#idleWork.stop();
    await open?.store.close();
    await (await this.#openBackend()).close();
    this.#backend = null;
    await deleteDexieBackend(this.#workerName, this.#disk);
    this.#tell({ kind: 'locked', reason: 'manual' });
    this.#closeWorker();
  }

  async openLoad(port: MessagePort): Promise<void> {
    if (this.#open === null) throw new TypeError('openLoad: locked');
    this.#exposeWriter(await this.#open.client.beginLoad(), port);
  }

  async openUnfinishedLoad(loadId: string, port: MessagePort): Promise<Result<void, ClientError>> {
    if (this.#open === null) throw new TypeError('openUnfinishedLoad: locked');
    const resumed = await this.#open.client.resumeLoad(loadId);
    if (!resumed.ok) return resumed;
    this.#exposeWriter(resumed.value, port);
    return ok(undefined);
  }

  #exposeWriter(writer: LoadWriter, port: MessagePort): void {
    const told: LoadWriter = {
      watch: () => writer.watch(),
      nowMs: () => writer.nowMs(),
      beginSource: (source) => writer.beginSource(source),
      write: (sourceNumber, records) => writer.write(sourceNumber, records),
      writeMachines: (sourceNumber, machines) => writer.writeMachines(sourceNumber, machines),
      noteDomains: (sourceNumber, counts) => writer.noteDomains(sourceNumber, counts),
      checkpoint: (sourceNumber, checkpoint) => writer.checkpoint(sourceNumber, checkpoint),
      endSource: (sourceNumber, ledger, quarantine) => writer.endSource(sourceNumber, ledger, quarantine),
      commit: async (options) => {
        const done = await writer.commit(options);
        if (done.ok) this.#tell({ kind: 'changed', areas: ['drafts', 'findings', 'bundles', 'sync', 'audit'] });
        return done;
      },
      suspend: () => writer.suspend(),
      discard: () => writer.discard(),
    };
    expose(told, port);
  }

  #attachDisk(port: MessagePort, gone: AbortSignal): void {
    if (this.#disk instanceof DiskPorts) this.#disk.attach(port, gone);
    else port.close();
  }

  #openBackend(): Promise<DexieBackend> {
    const onStorage = (code: 'healed' | 'lost'): void => this.#tell({ kind: 'storage', code });
    this.#backend ??= openDexieBackend(this.#workerName, this.#disk, onStorage);
    return this.#backend;
  }

  /** Makes a vault and fills it; a failure on the way leaves no half-made vault behind. */
  #create<T extends object>(
    passphrase: string,
    fill: (store: SealedStore) => Promise<Result<T, ClientError>>,
  ): Promise<Result<T & { readonly profile: Profile }, ClientError>> {
    return this.#opening.run(() => this.#createNow(passphrase, fill));
  }

  async #createNow<T extends object>(
    passphrase: string,
    fill: (store: SealedStore) => Promise<Result<T, ClientError>>,
  ): Promise<Result<T & { readonly profile: Profile }, ClientError>> {
    const backend = await this.#openBackend();
    const store = await createVault(backend, passphrase, this.#ports.random);
    if (!store.ok) return store;
    const filled = await fill(store.value);
    if (!filled.ok) {
      await this.#drop(store.value);
      return filled;
    }
    const opened = await this.#begin(store.value);
    if (!opened.ok) return opened;
    return ok({ ...filled.value, profile: await opened.value.client.profile() });
  }

  async #drop(store: SealedStore): Promise<void> {
    await store.close();
    this.#backend = null;
    await deleteDexieBackend(this.#workerName, this.#disk);
  }

  async #begin(store: SealedStore): Promise<Result<OpenedClient, ClientError>> {
    const opened = await openClient(store, this.#ports, this.#ready.take());
    if (!opened.ok) {
      await store.close();
      this.#backend = null;
      return err(opened.error);
    }
    this.#open = { ...opened.value, store };
    this.#idle.start();
    return opened;
  }

  /** Sort orders and compaction first, then whatever makes the next action faster; `false` when all is done. */
  async #workIdly(): Promise<boolean> {
    if (this.#open === null) return false;
    const { findings, session } = this.#open;
    if (await findings?.idle()) return true;
    if (await session.audit.prepare()) return true;
    return findings !== null && ((await this.#rehearsal.step()) || (await findings.tryOut()));
  }

  /** A call of the unlocked client; what it changes is told to every page once it is durable. */
  #call(name: string): ((...args: unknown[]) => Promise<unknown>) | undefined {
    if (name === 'then') return undefined;
    return async (...args) => {
      if (this.#open === null) throw new TypeError('vault: locked');
      const call: unknown = Reflect.get(this.#open.client, name);
      if (typeof call !== 'function') throw new TypeError(`vault: no such call`);
      this.#idleWork.stop();
      const wasDamaged = this.#isDamaged;
      const answer: unknown = await call.apply(this.#open.client, args);
      this.#idleWork.touch();
      if (wasDamaged && !this.#isDamaged) this.#tell({ kind: 'storage', code: 'healed' });
      const failed = typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === false;
      const areas = CHANGED_BY_CALL[name];
      if (areas !== undefined && !failed) this.#tell({ kind: 'changed', areas });
      if (failed) this.#tellStorage((answer as { readonly error?: ClientError }).error);
      return answer;
    };
  }

  /** Says that bundles have to be fetched again, which the next sync of a page does. */
  async #tellDamage(): Promise<void> {
    if (!this.#isDamaged) return;
    const files = await (await this.#openBackend()).segments.list();
    this.#tell({ kind: 'storage', code: files.length === 0 ? 'evicted' : 'damaged' });
  }

  get #isDamaged(): boolean {
    return (this.#open?.findings?.damaged.length ?? 0) > 0;
  }

  #tellStorage(error: ClientError | undefined): void {
    if (error?.kind === 'storage-full') this.#tell({ kind: 'storage', code: 'full' });
    if (error?.kind === 'storage-damaged') {
      this.#tell({ kind: 'storage', code: error.code === 'failed' ? 'lost' : 'damaged' });
    }
  }

  #tell(event: VaultEvent): void {
    this.#listeners.tell(event);
  }
}
