/**
 * The directory of each deployment, kept in memory and rebuilt from the stored statements when it is first asked for. Readers
 * see committed statements only; jobs of one commit see each other's. Where other processes write, too, the newest position is
 * asked for each time (one query by primary key) and what came since is applied: a key that was revoked elsewhere is revoked here.
 */
import type { Directory } from '@sealpost/shared/sealed/directory/model';
import { applyStatements } from '@sealpost/shared/sealed/directory/directory';
import { parseStatement } from '@sealpost/shared/sealed/envelope/statement';
import type { Sid, Statement } from '@sealpost/shared/sealed/envelope/statement';
import type { Reader } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { Unit } from './sequencer.ts';
import { findDeployment } from '../store/deployments.ts';
import { allStatements, lastPosition } from '../store/statements.ts';

interface Known {
  readonly directory: Directory;
  /** Position of its newest statement. */
  readonly position: number;
}

export class Directories {
  readonly #committed = new Map<Sid, Promise<Known | null>>();
  readonly #reader: Reader;
  readonly #isShared: boolean;

  constructor({ reader, isShared }: Pick<Store, 'reader' | 'isShared'>) {
    this.#reader = reader;
    this.#isShared = isShared;
  }

  /** The committed directory; `null` if there is no such deployment. */
  async current(deployment: Sid): Promise<Directory | null> {
    const known = await (this.#committed.get(deployment) ?? this.#remember(deployment, null));
    if (known === null || !this.#isShared) return known?.directory ?? null;
    const position = await lastPosition(this.#reader, deployment);
    if (position === known.position) return known.directory;
    const isAhead = position > known.position; // else another deployment by the same name, or one that is gone
    return (await this.#remember(deployment, isAhead ? known : null))?.directory ?? null;
  }

  /** As `current`, with what earlier jobs of this commit changed. */
  async inUnit(unit: Unit, deployment: Sid): Promise<Directory | null> {
    const changed = unit.uncommitted.get(deployment);
    if (changed !== undefined) return changed as Directory | null;
    const directory = await this.current(deployment);
    unit.uncommitted.set(deployment, directory); // nobody else writes during a commit
    return directory;
  }

  /** Replaces the directory (`null`: deleted), whose newest statement is at `position`, from this job on, and for readers once it is committed. */
  stage(unit: Unit, deployment: Sid, directory: Directory | null, position: number): void {
    unit.uncommitted.set(deployment, directory);
    unit.after(() => {
      if (directory === null) this.#committed.delete(deployment);
      else this.#committed.set(deployment, Promise.resolve({ directory, position }));
    });
  }

  /** Forgets every directory: they are read from the database again. */
  reload(): void {
    this.#committed.clear();
  }

  #remember(deployment: Sid, before: Known | null): Promise<Known | null> {
    const loading = loadDirectory(this.#reader, deployment, before);
    this.#committed.set(deployment, loading);
    // neither a failure nor a deployment that may be set up later is remembered
    const forget = (): void => {
      if (this.#committed.get(deployment) === loading) this.#committed.delete(deployment);
    };
    void loading.then((known) => known ?? forget(), forget);
    return loading;
  }
}

/** Applies what is stored behind `before`, or everything. */
async function loadDirectory(db: Reader, deployment: Sid, before: Known | null): Promise<Known | null> {
  if ((await findDeployment(db, deployment)) === null) return null;
  const rows = await allStatements(db, deployment, before?.position ?? 0);
  const statements: Statement[] = [];
  for (const { compact } of rows) {
    const statement = parseStatement(compact);
    if (!statement.ok) throw new Error('A stored statement cannot be read: the database is damaged.');
    statements.push(statement.value);
  }
  const directory = await applyStatements(before?.directory ?? null, deployment, statements);
  if (!directory.ok) throw new Error('The stored statements do not form chains: the database is damaged.');
  return { directory: directory.value, position: rows.at(-1)?.position ?? before?.position ?? 0 };
}
