/** Makes the browser drop an IndexedDB connection, as browsers do (iOS in the background), once and at a chosen moment. */

/**
 * `closed`: before a transaction begins. `aborted`: while it runs, so that nothing of it holds. `unheard`: after it was committed,
 * before anybody hears so. `deleted`: with the whole database.
 */
export type Loss = 'closed' | 'aborted' | 'unheard' | 'deleted';

/** The next transaction of this worker meets `loss`. */
export async function loseNext(loss: Loss, databaseName: string): Promise<void> {
  if (loss === 'deleted') {
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase(databaseName);
      request.onsuccess = () => resolve();
      request.onerror = () => reject(new Error('the database cannot be deleted'));
    });
    return;
  }
  const prototype = IDBDatabase.prototype as { transaction: (...values: never[]) => IDBTransaction };
  const begin = prototype.transaction;
  prototype.transaction = function (this: IDBDatabase, ...values) {
    prototype.transaction = begin;
    if (loss === 'closed') this.close();
    const tx = begin.apply(this, values);
    if (loss === 'aborted') queueMicrotask(() => tx.abort());
    if (loss === 'unheard') {
      tx.addEventListener('complete', (event) => {
        event.stopImmediatePropagation();
        tx.dispatchEvent(new Event('abort'));
      });
    }
    return tx;
  };
}
