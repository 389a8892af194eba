/**
 * The directory of each deployment, kept in memory and rebuilt from the stored statements when it is first asked for. Readers
 * see committed statements only; jobs of one commit see each other's.
 */
import type { Directory } from '@sealpost/shared/sealed/directory/model';
import { applyStatements } from '@sealpost/shared/sealed/directory/directory';
import { parseStatement } from '@sealpost/shared/sealed/envelope/statement';
import type { Sid, Statement } from '@sealpost/shared/sealed/envelope/statement';
import type { Reader, Writer } from '../store/schema.ts';
import type { Unit } from './sequencer.ts';
import { findDeployment } from '../store/deployments.ts';
import { allStatements } from '../store/statements.ts';

export class Directories {
  readonly #committed = new Map<Sid, Promise<Directory | null>>();
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** The committed directory; `null` if there is no such deployment. */
  current(deployment: Sid): Promise<Directory | null> {
    const known = this.#committed.get(deployment);
    if (known !== undefined) return known;
    const loading = loadDirectory(this.#reader, deployment);
    this.#committed.set(deployment, loading);
    // neither a failure nor a deployment that may be set up later is remembered
    const forget = (): void => {
      if (this.#committed.get(deployment) === loading) this.#committed.delete(deployment);
    };
    void loading.then((directory) => directory ?? forget(), forget);
    return loading;
  }

  /** As `current`, with what earlier jobs of this commit changed. */
  async inUnit(unit: Unit, deployment: Sid): Promise<Directory | null> {
    const changed = unit.uncommitted.get(deployment);
    return changed === undefined ? this.current(deployment) : (changed as Directory | null);
  }

  /** Replaces the directory (`null`: deleted) from this job on, and for readers once it is committed. */
  stage(unit: Unit, deployment: Sid, directory: Directory | null): void {
    unit.uncommitted.set(deployment, directory);
    unit.after(() => {
      if (directory === null) this.#committed.delete(deployment);
      else this.#committed.set(deployment, Promise.resolve(directory));
    });
  }

  /** Forgets every directory: they are read from the database again. */
  reload(): void {
    this.#committed.clear();
  }
}

async function loadDirectory(db: Reader | Writer, deployment: Sid): Promise<Directory | null> {
  if ((await findDeployment(db, deployment)) === null) return null;
  const statements: Statement[] = [];
  for (const compact of await allStatements(db, deployment)) {
    const statement = parseStatement(compact);
    if (!statement.ok) throw new Error('A stored statement cannot be read: the database is damaged.');
    statements.push(statement.value);
  }
  const directory = await applyStatements(null, deployment, statements);
  if (!directory.ok) throw new Error('The stored statements do not form chains: the database is damaged.');
  return directory.value;
}
