/** What the bench's page may ask of the vault that it measures, and what crosses between Node, page and worker. */
import type { Row } from '@sealpost/shared/opened/query/query';
import type { Answer } from '../peers/question.ts';

/** A sealed bundle as a verified manifest would list it, with the made-up keys that open it. */
export interface SealedBundle {
  readonly rows: number;
  /** Of the sealed file, and of its content once inflated. */
  readonly size: number;
  readonly inflated: number;
  /** base64url. */
  readonly sha256: string;
  /** Envelope id. */
  readonly id: string;
  readonly org: string;
  /** `AGE-SECRET-KEY-1…` */
  readonly readSecret: string;
  /** Public key of the operator, base64url. */
  readonly signer: string;
}

/** Keys of a made-up member: what an unlocked identity would hold. */
export interface MemberKeys {
  /** 32 bytes each. */
  readonly vaultKey: readonly number[];
  readonly signingSeed: readonly number[];
  readonly signingPublicKey: readonly number[];
  /** Recipients of audit payloads, as the CERT's and the own epoch's. */
  readonly auditRecipients: readonly string[];
}

/** Milliseconds of each run. */
export type Times = readonly number[];

/** Of each bulk action: until it is durable, and until the first rows as it left them are there. */
export interface TriageTimes {
  readonly durable: Times;
  readonly shown: Times;
}

/** What a vault holds, for comparing before and after. */
export interface VaultState {
  readonly findings: number;
  /** Ids that this vault knows twice would show here. */
  readonly distinctIds: number;
  readonly byState: Readonly<Record<string, number>>;
  readonly bundles: readonly { readonly id: string; readonly findings: number }[];
  /** Bundle ids whose segments are missing or damaged. */
  readonly damaged: readonly string[];
  /** Large files at rest; what a dead import left is swept when the vault opens or idles. */
  readonly files: number;
  /** Entries of this device's audit chain that wait in the outbox, in their order. */
  readonly auditKinds: readonly string[];
  /** Numbers without gap, each entry chained to the one before and signed; the last is the one that the manifest names. */
  readonly isAuditWhole: boolean;
}

export interface ShapeOrder {
  readonly shape: string;
  readonly warmups: number;
  readonly runs: number;
  /** What the engine keeps of the query's single conditions is displaced by others before each run, as if none had been asked before. */
  readonly isFresh?: boolean;
}

/** Calls of the worker. Failures throw with the error as JSON. */
export interface BenchCalls {
  /** When the worker, its way to the disk and whoever offers to read bundles are there. */
  ready(): Promise<void>;
  /** What the lock screen asks for while the passphrase is typed: goes on after the answer. */
  prepare(): Promise<void>;
  /** Makes an empty vault with new keys and leaves it open. */
  create(): Promise<MemberKeys>;
  /** From the keys in hand (the passphrase's work apart) to the first 50 rows. */
  unlock(keys: MemberKeys): Promise<{ readonly ms: number; readonly total: number }>;
  /** From the sealed file on the server to durable and queryable; milliseconds, and the bytes that the engine holds. */
  importBundle(bundle: SealedBundle): Promise<{ readonly ms: number; readonly added: number; readonly merged: number }>;
  /** As `importBundle`, cancelled after so many rows: the error's kind, `null` if it was too late. */
  cancelImport(order: { readonly bundle: SealedBundle; readonly afterRows: number }): Promise<string | null>;
  measureShape(order: ShapeOrder): Promise<Times>;
  /** Answers the question that peers answer, too. */
  answer(): Promise<Answer>;
  /** What a key stroke asks: query, and its first 50 rows. */
  rows(text: string): Promise<readonly Row[]>;
  /** The audit entry that the app makes when it is unlocked: its first commit. */
  recordUnlock(): Promise<void>;
  /** Moves the first `count` findings to and fro between two states, first to `state`; each time durable, with its audit entry. */
  triage(order: {
    readonly count: number;
    readonly runs: number;
    readonly state: 'new' | 'triaged';
  }): Promise<TriageTimes>;
  compact(): Promise<boolean>;
  /** Runs idle work until there is none left. */
  settle(): Promise<void>;
  state(): Promise<VaultState>;
  /** Reads every row, and every finding whole from its sealed segments: the first failure as JSON, `null` if all open. */
  readAll(): Promise<string | null>;
  figures(): Promise<{ readonly findings: number; readonly memoryBytes: number; readonly storageKind: string }>;
  /** Milliseconds of a fixed piece of work: how much slower a slowed-down processor is. */
  work(): Promise<number>;
}

/** One call, as the page posts it. */
export interface BenchRequest {
  readonly call: number;
  readonly name: keyof BenchCalls;
  readonly argument: unknown;
}

export type BenchResponse =
  | { readonly call: number; readonly value: unknown }
  | { readonly call: number; readonly error: string };

/** First message on a page's port: its way to disk and network. */
export interface BenchHello {
  readonly disk: MessagePort;
  readonly network: MessagePort;
  /** Web Lock that the page holds while it lives. */
  readonly lock: string;
}

/** A worker of the page that reads bundles; `null` when it ends. */
export interface BenchOffer {
  readonly unpacker: MessagePort | null;
}
