/** Rows of a whole, enrolled vault removed, changed, swapped and put back from earlier: named at opening or reading, never answered from. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VAULT_TABLES } from '@sealpost/shared/opened/vault/backend';
import type { StoredRow, VaultTable } from '@sealpost/shared/opened/vault/backend';
import { startTestServer } from '../integration/test-server.ts';
import type { TestServer } from '../integration/test-server.ts';
import type { Device } from '../integration/people.ts';
import { EVERYTHING, identitiesOf, ignore, load, makeCert, makeMember, MASKED, must } from '../integration/people.ts';

type Tables = Readonly<Record<VaultTable, ReadonlyMap<string, StoredRow>>>;
type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

describe('a vault that somebody had in hand', () => {
  let server: TestServer;
  let device: Device;
  let identities: readonly string[];
  let earlier: Tables;
  let now: Tables;
  let files: Files;

  beforeAll(async () => {
    server = await startTestServer();
    const cert = await makeCert(server.origin);
    const member = await makeMember(cert, 'Rows Office', 'rows.example');
    ({ device } = member);
    for (const n of [1, 2]) {
      earlier = structuredClone(device.memory.tables);
      must(await load(cert.client, `rows-${n}`, [`https://vpn.rows.example/:r${n}@rows.example:Row-Secret-${n}`]));
      await cert.client.publish([member.listing.listId], { ...MASKED, policy: 'sealed' }, ignore);
      must(await device.client.sync(ignore));
      const { token } = await device.client.query(EVERYTHING);
      const [id] = await device.client.ids(token, 0, 1);
      must(await device.client.triage([id as never], [{ field: 'owner', owner: `Owner ${n}` }]));
    }
    identities = await identitiesOf(device.client);
    now = structuredClone(device.memory.tables);
    files = structuredClone(device.memory.segments.files);
  });
  afterAll(() => server.stop());

  function lay(tables: Tables): void {
    for (const table of VAULT_TABLES) {
      device.memory.tables[table].clear();
      for (const [id, row] of tables[table]) device.memory.tables[table].set(id, row);
    }
    for (const [name, bytes] of files) device.memory.segments.files.set(name, bytes);
  }

  /** Opens, and reads every row there is: what the first failure says, or `null` if everything opens. */
  async function readAll(): Promise<string | null> {
    try {
      const store = await device.store();
      for (const table of VAULT_TABLES) {
        const rows = await store.getMany(table, store.ids(table));
        if (!rows.ok) return JSON.stringify(rows.error);
      }
      return null;
    } catch (error) {
      return String((error as Error).message);
    }
  }

  /** Every row in turn, changed by `change`: found damaged, by name or by the manifest's. */
  async function everyRow(change: (table: VaultTable, row: StoredRow) => boolean): Promise<number> {
    let changed = 0;
    for (const table of VAULT_TABLES) {
      for (const row of now[table].values()) {
        lay(now);
        if (!change(table, row)) continue;
        changed++;
        expect(await readAll(), `${table}/${row.id}`).toContain('storage-damaged');
      }
    }
    lay(now);
    expect(await readAll()).toBeNull();
    await device.open();
    expect(await identitiesOf(device.client)).toEqual(identities);
    return changed;
  }

  test('with any one row removed is told', async () => {
    expect(await everyRow((table, { id }) => device.memory.tables[table].delete(id))).toBeGreaterThan(15);
  });

  test('with any one row changed by a bit is told', async () => {
    const changed = await everyRow((table, row) => {
      const bytes = row.bytes.slice();
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      device.memory.tables[table].set(row.id, { ...row, bytes });
      return true;
    });
    expect(changed).toBeGreaterThan(15);
  });

  test('with any two rows of a table swapped is told', async () => {
    const changed = await everyRow((table, row) => {
      const other = [...now[table].values()].find(({ id }) => id !== row.id);
      if (other === undefined) return false;
      device.memory.tables[table].set(row.id, { ...row, bytes: other.bytes });
      device.memory.tables[table].set(other.id, { ...other, bytes: row.bytes });
      return true;
    });
    expect(changed).toBeGreaterThan(15);
  });

  test('with any one row of an earlier day is told', async () => {
    const changed = await everyRow((table, row) => {
      const old = earlier[table].get(row.id);
      if (old === undefined || Buffer.from(old.bytes).equals(Buffer.from(row.bytes))) return false;
      device.memory.tables[table].set(row.id, old);
      return true;
    });
    expect(changed).toBeGreaterThan(2);
  });

  test('with a row that nobody wrote is told', async () => {
    for (const table of VAULT_TABLES) {
      lay(now);
      device.memory.tables[table].set('extra', { id: 'extra', rev: 1, bytes: new Uint8Array(64) });
      expect(await readAll(), table).toContain('storage-damaged');
    }
    lay(now);
  });

  test('put back as a whole to an earlier day goes on, and the server’s log tells that it was', async () => {
    // All rows of one earlier moment are authentic; what it missed it fetches, and what it signed since stands in the log.
    lay(earlier);
    await device.open();
    const synced = await device.client.sync(ignore);
    expect(synced).toMatchObject({ ok: false, error: { kind: 'forged', what: 'audit', code: 'chain-elsewhere' } });
    expect(await identitiesOf(device.client)).toEqual(identities);
    lay(now);
    await device.open();
    expect(await identitiesOf(device.client)).toEqual(identities);
  });
});
