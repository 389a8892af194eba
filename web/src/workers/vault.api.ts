/**
 * The vault worker's interface: one worker per identity owns keys, IndexedDB and the query engine.
 * Pages reach it through `connectVault(identityId)` and hold only the rows on screen.
 */
import type { Client } from '@sealpost/shared/opened/client/api/client';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { InvitationSummary, JoinForm } from '@sealpost/shared/opened/client/api/joining';
import type { CertSetup, PassphraseStrength, Profile } from '@sealpost/shared/opened/client/api/profile';
import type { SavedFile } from '@sealpost/shared/opened/client/api/saved-file';
import type { Result } from '@sealpost/shared/base/result';

/** What is told to every connected page. Areas say which views to read again. */
export type VaultEvent =
  | { readonly kind: 'changed'; readonly areas: readonly VaultArea[] }
  | { readonly kind: 'locked'; readonly reason: 'manual' | 'idle' | 'replaced' }
  | { readonly kind: 'storage'; readonly code: StorageTrouble };

/**
 * `full`: no room; `lost`: the browser closed the storage; `damaged`: parts did not pass their check and are being fetched again;
 * `evicted`: the browser removed parts, which are being fetched again; `healed`: everything is back.
 */
export type StorageTrouble = 'full' | 'lost' | 'damaged' | 'evicted' | 'healed';

/** Where this identity's vault lies in this browser, and what it takes. */
export interface StorageReport {
  /** Of the segments: the origin's private files, or IndexedDB with Blobs or ArrayBuffers. */
  readonly kind: 'opfs' | 'blob' | 'buffer';
  readonly engine: 'kernels' | 'plain';
  /** The browser promised to keep it. */
  readonly persisted: boolean;
  /** Of this origin, and what the browser allows it; `null` where it does not say. */
  readonly usageBytes: number | null;
  readonly quotaBytes: number | null;
  /** Held by the query engine; 0 while locked. */
  readonly memoryBytes: number;
  readonly findings: number;
}

export type VaultArea =
  | 'profile'
  | 'organisations'
  | 'requests'
  | 'drafts'
  | 'published'
  | 'findings'
  | 'views'
  | 'bundles'
  | 'sync'
  | 'watch'
  | 'audit';

export interface VaultApi extends Client {
  isUnlocked(): Promise<boolean>;
  /** Somebody is about to unlock: gets memory for the findings while the passphrase is typed. Never fails, and may be called again. */
  prepare(): Promise<void>;
  /** `passphrase` is UTF-8 in a transferred buffer, wiped after use. */
  unlock(passphrase: ArrayBuffer): Promise<Result<Profile, ClientError>>;
  /** Forgets everything, tells all pages, closes the worker. */
  lock(reason: 'manual' | 'idle'): Promise<void>;
  /** Resets the idle clock; called at most every 10 s on user activity. */
  touch(): Promise<void>;
  setIdleMinutes(minutes: number): Promise<void>;
  passphraseStrength(passphrase: string): Promise<PassphraseStrength>;

  /** Makes root, operator keys and CERT epoch, posts the deployment. The root file is returned once and kept nowhere. */
  createCert(
    setup: CertSetup,
  ): Promise<Result<{ readonly profile: Profile; readonly rootFile: SavedFile }, ClientError>>;
  /** Reads an invitation and the directory behind it; nothing is kept. */
  readInvitation(invitation: string, appOrigin: string): Promise<Result<InvitationSummary, ClientError>>;
  /** Makes keys and epoch 1, sends the sealed request. */
  createOrganisation(form: JoinForm): Promise<Result<Profile, ClientError>>;
  /** Replaces a declined or unanswered request. */
  restoreBackup(bytes: Uint8Array<ArrayBuffer>, passphrase: string): Promise<Result<Profile, ClientError>>;
  /** Deletes this identity's database. */
  wipe(): Promise<void>;
  storage(): Promise<StorageReport>;

  /** A page's first call: the name of a Web Lock that it holds while it lives, by which a shared worker sees when its tab is gone. */
  join(tabLock: string): Promise<void>;
  subscribe(onEvent: (event: VaultEvent) => void): Promise<void>;
  /** The page's sync worker: the only one with the network. */
  attachNetwork(port: MessagePort): Promise<void>;
  /** The page's disk worker (disk.api.ts), for a vault worker that is shared. */
  attachDisk(port: MessagePort): Promise<void>;
  /** An unpack worker of the page (unpack.api.ts), which the vault uses while it is there; the answer names it for `detachUnpacker`. */
  attachUnpacker(port: MessagePort): Promise<number>;
  detachUnpacker(line: number): Promise<void>;
  /** A port for one ingest worker, which hands records to the writer (`LoadWriter`) without passing the page. */
  openLoad(port: MessagePort): Promise<void>;
  /** The same for a load that goes on (`unfinishedLoads`). */
  openUnfinishedLoad(loadId: string, port: MessagePort): Promise<Result<void, ClientError>>;
}

/** What a browser remembers of its identities before unlocking: nothing that names anybody. */
export interface IdentityEntry {
  readonly id: string;
  readonly kind: 'cert' | 'organisation';
  readonly demo: boolean;
  readonly createdAtMs: number;
  /** Chosen by the user for this browser only; empty by default. */
  readonly nickname: string;
}

/**
 * First word of a shared vault worker to each page. `closing`: it is locking and ends; ask for a new one. A ready one holds the Web
 * Lock called as itself for as long as it lives: whoever gets that lock knows that it is gone.
 */
export type VaultHello = 'ready' | 'closing';
