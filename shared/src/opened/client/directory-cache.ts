/**
 * The signed directory as this device knows it: statements kept sealed, verified again at each unlock, fetched after the last
 * known position. What is sealed and approved depends on it; what is read does not (FORMATS: expiry blocks sealing, never reading).
 */
import * as v from 'valibot';
import type { Ms } from '../../base/brand.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { applyStatements } from '../../sealed/directory/directory.ts';
import type { ChainName } from '../../sealed/directory/fields.ts';
import { headsFor, newestEpoch } from '../../sealed/directory/roles.ts';
import { emptyDirectory } from '../../sealed/directory/model.ts';
import type { Directory, Epoch } from '../../sealed/directory/model.ts';
import type { Heads } from '../../sealed/envelope/heads.ts';
import { parseStatement } from '../../sealed/envelope/statement.ts';
import type { Sid, Statement } from '../../sealed/envelope/statement.ts';
import { ChainsPageSchema } from '../../sealed/wire/bodies.ts';
import { paths } from '../../sealed/wire/paths.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import { toClientError } from './failures.ts';
import type { SignedHttp } from './http.ts';
import { Turn } from '../../base/turn.ts';

const CHUNKS = 'chain/';
const POSITION_ROW = 'directory';
const PositionSchema = v.strictObject({ position: v.number() });

export class DirectoryCache {
  readonly #store: SealedStore;
  readonly #http: SignedHttp;
  readonly #deployment: Sid;
  readonly #turn = new Turn();
  #directory: Directory;
  #position = 0;

  constructor(store: SealedStore, http: SignedHttp, deployment: Sid) {
    this.#store = store;
    this.#http = http;
    this.#deployment = deployment;
    this.#directory = emptyDirectory(deployment);
  }

  get current(): Directory {
    return this.#directory;
  }

  newestIatMs(): Ms {
    return this.#directory.cert.newestIatSeconds * 1000;
  }

  /** How many statements of the server's order are kept. */
  get position(): number {
    return this.#position;
  }

  /** Kept statements behind `position` of the server's order, as they were received. */
  async keptAfter(position: number): Promise<Result<readonly string[], ClientError>> {
    const ids = this.#store.ids('envelopes', CHUNKS);
    const rows = await this.#store.getMany('envelopes', ids);
    if (!rows.ok) return err(toClientError(rows.error));
    const found = rows.value.flatMap((row, at) => {
      const after = Number((ids[at] ?? '').slice(CHUNKS.length));
      return v.parse(v.array(v.string()), row).filter((_, place) => after + place + 1 > position);
    });
    return ok(found);
  }

  /** Reads and verifies what is kept. Cost: one Ed25519 verification a statement, about 0.1 ms. */
  async load(): Promise<Result<void, ClientError>> {
    const store = this.#store;
    const position = await store.get('meta', POSITION_ROW);
    if (!position.ok) return err(toClientError(position.error));
    const rows = await store.getMany('envelopes', store.ids('envelopes', CHUNKS));
    if (!rows.ok) return err(toClientError(rows.error));
    const statements = readStatements(rows.value.flatMap((row) => v.parse(v.array(v.string()), row)));
    if (statements === null) return err({ kind: 'forged', what: 'directory', code: 'malformed' });
    const applied = await applyStatements(this.#directory, this.#deployment, statements);
    if (!applied.ok) return err({ kind: 'forged', what: 'directory', code: applied.error.kind });
    this.#directory = applied.value;
    this.#position = position.value === null ? 0 : v.parse(PositionSchema, position.value).position;
    return ok(undefined);
  }

  /** Fetches what is new, verifies it, keeps it. A page that does not hold changes nothing and is an alarm. */
  refresh(): Promise<Result<{ readonly added: number }, ClientError>> {
    return this.#turn.run(() => this.#refresh());
  }

  async #refresh(): Promise<Result<{ readonly added: number }, ClientError>> {
    let added = 0;
    for (;;) {
      const page = await fetchChains(this.#http, this.#deployment, this.#position);
      if (!page.ok) return page;
      // Positions only grow: a server that goes back has lost statements, or hides them.
      if (page.value.position < this.#position) return err({ kind: 'forged', what: 'directory', code: 'rolled-back' });
      if (page.value.statements.length > 0) {
        const applied = await applyStatements(this.#directory, this.#deployment, page.value.statements);
        if (!applied.ok) return err({ kind: 'forged', what: 'directory', code: applied.error.kind });
        const kept = await this.#store.transaction((tx) =>
          keepStatements(tx, this.#position, page.value.position, page.value.statements),
        );
        if (!kept.ok) return err(toClientError(kept.error));
        this.#directory = applied.value;
        added += page.value.statements.length;
      }
      this.#position = page.value.position;
      if (!page.value.more) return ok({ added });
    }
  }

  /** Newest versions as every envelope and manifest of mailbox `org` tells them. */
  heads(org: ChainName): Heads {
    return headsFor(this.#directory, org);
  }

  newestEpoch(org: ChainName): Epoch | null {
    return newestEpoch(this.#directory, org);
  }
}

/** Writes fetched statements in a new chunk named by the position before it. */
export function keepStatements(
  tx: StoreTransaction,
  after: number,
  position: number,
  statements: readonly Statement[],
): void {
  tx.put(
    'envelopes',
    CHUNKS + String(after).padStart(12, '0'),
    statements.map((statement) => statement.compact),
  );
  tx.put('meta', POSITION_ROW, { position });
}

/** One page of the chains: unsigned, so that an invited stranger can read it before he has a key. */
async function fetchChains(
  http: SignedHttp,
  deployment: Sid,
  after: number,
): Promise<
  Result<{ readonly statements: readonly Statement[]; readonly position: number; readonly more: boolean }, ClientError>
> {
  const page = await http.json(ChainsPageSchema, {
    method: 'GET',
    path: paths(deployment).chainsAfter(after),
    signed: false,
  });
  if (!page.ok) return page;
  const statements = readStatements(page.value.statements);
  if (statements === null) return err({ kind: 'forged', what: 'directory', code: 'malformed' });
  // A page that promises more and brings nothing would be asked for without end.
  if (page.value.more && page.value.position <= after) return err({ kind: 'server', status: 200, code: 'bad-answer' });
  return ok({ ...page.value, statements });
}

/** All chains of a deployment from its beginning, verified against the pinned `deployment`. */
export async function fetchDirectory(
  http: SignedHttp,
  deployment: Sid,
): Promise<
  Result<
    { readonly directory: Directory; readonly statements: readonly Statement[]; readonly position: number },
    ClientError
  >
> {
  const statements: Statement[] = [];
  let position = 0;
  for (;;) {
    const page = await fetchChains(http, deployment, position);
    if (!page.ok) return page;
    statements.push(...page.value.statements);
    position = page.value.position;
    if (!page.value.more) break;
  }
  const applied = await applyStatements(null, deployment, statements);
  if (!applied.ok) return err({ kind: 'forged', what: 'directory', code: applied.error.kind });
  return ok({ directory: applied.value, statements, position });
}

function readStatements(texts: readonly string[]): readonly Statement[] | null {
  const statements: Statement[] = [];
  for (const text of texts) {
    const parsed = parseStatement(text);
    if (!parsed.ok) return null;
    statements.push(parsed.value);
  }
  return statements;
}
