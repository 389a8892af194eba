/**
 * The page's end of a vault worker: connects to it, keeps what the frame shows of it, and leaves the page when it locks.
 * Nothing here outlives the document, and pages reach it by context only.
 */
import { createContext } from 'svelte';
import * as Comlink from 'comlink';
import type { Remote } from 'comlink';
import type { SyncProgress, SyncState, SyncSummary } from '@sealpost/shared/opened/client/api/bundles';
import type { Badges, Profile } from '@sealpost/shared/opened/client/api/profile';
import type { RecordState } from '@sealpost/shared/opened/client/api/record';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { Result } from '@sealpost/shared/base/result';
import type { DiskStart } from '#workers/disk.api.ts';
import type { SyncStart } from '#workers/sync.api.ts';
import type { UnpackStart } from '#workers/unpack.api.ts';
import type { StorageTrouble, VaultApi, VaultArea, VaultEvent, VaultHello } from '#workers/vault.api.ts';
import { guardApi } from './guard-api.ts';
import { askToKeepStorage } from './keep-storage.ts';
import { rememberedIdleMinutes } from './preferences.ts';
import { unlockPath } from './next-path.ts';
import {
  startDiskWorker,
  startSharedVaultWorker,
  startSyncWorker,
  startVaultWorker,
  workerName,
  startUnpackWorker,
} from './workers.ts';

const TOUCH_EVERY_MS = 10_000;
/** A worker that is busy with a passphrase needs a second or two; one that ended meanwhile never answers. */
const HELLO_MS = 5_000;
const ASK_AGAIN_MS = 50;
const AREAS = [
  'profile',
  'organisations',
  'requests',
  'drafts',
  'published',
  'findings',
  'views',
  'bundles',
  'sync',
  'watch',
  'audit',
] satisfies readonly VaultArea[];

export class Vault {
  readonly identityId: string;
  readonly api: Remote<VaultApi>;

  profile = $state.raw<Profile | null>(null);
  badges = $state.raw<Badges | null>(null);
  syncState = $state.raw<SyncState | null>(null);
  /** When the record was last proved, and what alarms there are. */
  record = $state.raw<RecordState | null>(null);
  /** While `syncNow` runs in this tab. */
  syncProgress = $state.raw<SyncProgress | null>(null);
  /** How the last sync of this tab ended. */
  syncOutcome = $state.raw<Result<SyncSummary, ClientError> | null>(null);
  storage = $state<StorageTrouble | null>(null);
  /** A read that threw: a bug, or a worker that is gone. The code has no data in it. */
  failed = $state<string | null>(null);
  /** Another tab took the vault over (browsers without SharedWorker only). */
  replaced = $state(false);
  /** Counts up when an area changes: read it in an effect to load again. */
  readonly versions = $state(Object.fromEntries(AREAS.map((area) => [area, 0])) as Record<VaultArea, number>);

  readonly #close: () => void;
  #touchedAtMs = 0;
  /** This page has other plans than the lock screen. */
  #deaf = false;

  constructor(identityId: string, api: Remote<VaultApi>, close: () => void) {
    this.identityId = identityId;
    this.api = guardApi(api, (code) => (this.failed = code));
    this.#close = close;
  }

  /** Called once by `connectVault`, before anything else. */
  async start(): Promise<void> {
    await this.api.subscribe(Comlink.proxy((event: VaultEvent) => this.#onEvent(event)));
    const channel = new MessageChannel();
    const network: SyncStart = { port: channel.port1 };
    startSyncWorker().postMessage(network, [channel.port1]);
    await this.api.attachNetwork(Comlink.transfer(channel.port2, [channel.port2]));
    await this.api.setIdleMinutes(rememberedIdleMinutes());
  }

  /** Before `start`, where the worker is shared: it sees when this tab is gone, and gets a way to the disk. */
  async joinShared(): Promise<void> {
    // First: a worker that dies during the calls below answers none of them.
    void navigator.locks.request(workerName(this.identityId), { mode: 'shared' }, () => this.#onWorkerGone());
    const tabLock = `${workerName(this.identityId)}-tab-${crypto.randomUUID()}`;
    await holdLock(tabLock, false);
    await this.api.join(tabLock);
    const channel = new MessageChannel();
    const disk: DiskStart = { port: channel.port1, folder: workerName(this.identityId) };
    startDiskWorker().postMessage(disk, [channel.port1]);
    await this.api.attachDisk(Comlink.transfer(channel.port2, [channel.port2]));
  }

  /** Reads what the frame shows; call it once after unlocking and it stays current. */
  async open(): Promise<Profile> {
    const [profile] = await Promise.all([this.api.profile(), this.refreshCounts()]);
    this.profile = profile;
    return profile;
  }

  async refreshCounts(): Promise<void> {
    const [badges, syncState, record] = await Promise.all([this.api.badges(), this.api.syncState(), this.api.record()]);
    this.badges = badges;
    this.syncState = syncState;
    this.record = record;
  }

  /** Exchanges with the server whatever waits; a second call while one runs does nothing. */
  async syncNow(): Promise<Result<SyncSummary, ClientError> | null> {
    if (this.syncProgress) return null;
    this.syncProgress = { stage: 'directory', doneBytes: 0, totalBytes: 0, rows: 0 };
    try {
      const onProgress = Comlink.proxy((progress: SyncProgress) => {
        if (this.syncProgress) this.syncProgress = progress;
      });
      const sync = async (): Promise<Result<SyncSummary, ClientError>> => this.api.sync(onProgress);
      this.syncOutcome = await (this.profile?.kind === 'organisation' ? this.#withUnpacker(sync) : sync());
      return this.syncOutcome;
    } finally {
      this.syncProgress = null;
      await this.refreshCounts();
    }
  }

  /** Runs `work` with a worker for bundles beside the vault; its memory is given back afterwards. */
  async #withUnpacker<T>(work: () => Promise<T>): Promise<T> {
    const worker = startUnpackWorker();
    try {
      const channel = new MessageChannel();
      const start: UnpackStart = { port: channel.port1 };
      worker.postMessage(start, [channel.port1]);
      const line = await this.api.attachUnpacker(Comlink.transfer(channel.port2, [channel.port2]));
      try {
        return await work();
      } finally {
        void this.api.detachUnpacker(line);
      }
    } finally {
      worker.terminate();
    }
  }

  /** The user is there: resets the idle clock, at most every ten seconds. */
  touch(nowMs: number): void {
    if (nowMs - this.#touchedAtMs < TOUCH_EVERY_MS) return;
    this.#touchedAtMs = nowMs;
    void this.api.touch();
  }

  async lock(): Promise<void> {
    await this.api.lock('manual');
    leave();
  }

  /** Deletes the vault from this browser. Other tabs are locked; this page stays and says what comes next. */
  async wipe(): Promise<void> {
    this.#deaf = true;
    await this.api.wipe();
  }

  /** Lets go of the worker; for changing the identity. */
  close(): void {
    this.#deaf = true;
    this.#close();
  }

  /** It locked and said so, or died with the renderer of another tab: its keys are gone. */
  #onWorkerGone(): void {
    if (this.#deaf) return;
    if (location.pathname === '/unlock') location.reload();
    else leave();
  }

  /** Bundles could be fetched again, triage and a CERT's keys could not. */
  get #hasMuchToLose(): boolean {
    const { profile, badges } = this;
    return profile !== null && !profile.demo && (profile.kind === 'cert' || (badges !== null && badges.bundles > 0));
  }

  #onEvent(event: VaultEvent): void {
    if (this.#deaf) return;
    switch (event.kind) {
      case 'locked':
        if (event.reason === 'replaced') this.replaced = true;
        else leave();
        return;
      case 'storage':
        this.storage = event.code;
        return;
      case 'changed':
        for (const area of event.areas) this.versions[area] += 1;
        if (this.#hasMuchToLose) void askToKeepStorage(Date.now());
        if (this.profile) void this.refreshCounts();
        if (this.profile && event.areas.includes('profile'))
          void this.api.profile().then((profile) => (this.profile = profile));
        return;
    }
  }
}

/** Drops this document with everything in it and shows the lock screen. */
function leave(): void {
  const here = location.pathname + location.search;
  if (location.pathname !== '/unlock') location.replace(unlockPath(here));
}

export type ConnectError = { readonly kind: 'in-another-tab' };

/**
 * Reaches the vault worker of an identity: the shared one where the browser has SharedWorker, else one of this tab's own,
 * which only the tab holding the Web Lock `vault-<id>` may have. `takeOver` takes that lock from the other tab.
 */
export async function connectVault(identityId: string, takeOver = false): Promise<Result<Vault, ConnectError>> {
  if (typeof SharedWorker === 'function') {
    const port = await reachSharedWorker(identityId);
    const vault = new Vault(identityId, Comlink.wrap<VaultApi>(port), () => port.close());
    await vault.joinShared();
    await vault.start();
    return { ok: true, value: vault };
  }
  const held = await holdLock(`vault-${identityId}`, takeOver);
  if (!held) return { ok: false, error: { kind: 'in-another-tab' } };
  const worker = startVaultWorker(identityId);
  const vault = new Vault(identityId, Comlink.wrap<VaultApi>(worker), () => worker.terminate());
  void held.lost.then(() => {
    worker.terminate();
    vault.replaced = true;
  });
  await vault.start();
  return { ok: true, value: vault };
}

/** A worker that locks lets go of everything and ends; the page that comes meanwhile asks again until a new one is there. */
async function reachSharedWorker(identityId: string): Promise<MessagePort> {
  for (;;) {
    const { port } = startSharedVaultWorker(identityId);
    if (await saysReady(port)) return port;
    port.close();
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

function saysReady(port: MessagePort): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), HELLO_MS);
    const hear = ({ data }: MessageEvent<VaultHello>) => {
      clearTimeout(timer);
      resolve(data === 'ready');
    };
    port.addEventListener('message', hear, { once: true });
    port.start();
  });
}

/** `null` if another tab holds it; `lost` settles when another tab takes it. */
function holdLock(name: string, steal: boolean): Promise<{ readonly lost: Promise<void> } | null> {
  return new Promise((resolve) => {
    const lost = navigator.locks.request(name, steal ? { steal: true } : { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(null);
      queueMicrotask(() => resolve({ lost: lost.then(noop, noop) }));
      return new Promise<void>(noop);
    });
    lost.catch(noop);
  });
}

function noop(): void {
  // A stolen lock rejects; `lost` tells.
}

/**
 * Keeps this document's vault from the lock screen to the pages behind it: unlocking changes the route inside one
 * document, which has shown nothing before, and locking replaces the document.
 */
export class VaultHolder {
  current = $state.raw<Vault | null>(null);

  async connect(identityId: string, takeOver = false): Promise<Result<Vault, ConnectError>> {
    if (this.current?.identityId === identityId) return { ok: true, value: this.current };
    this.current?.close();
    const connected = await connectVault(identityId, takeOver);
    this.current = connected.ok ? connected.value : null;
    return connected;
  }
}

/** For the lock screen and set-up, where there may be no vault yet. */
export const [useVaultHolder, provideVaultHolder] = createContext<VaultHolder>();

/** For pages inside the frame: an unlocked vault with its profile read. */
export const [useVault, provideVault] = createContext<Vault>();
