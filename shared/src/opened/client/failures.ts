/** Turns the failures of the layers below into the one union that pages and CLI have words for. */
import type { StoreError } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';

/** Storage failures in the client's words. */
export function toClientError(error: StoreError): ClientError {
  switch (error.kind) {
    case 'storage-full':
      return { kind: 'storage-full' };
    case 'storage-damaged':
      return { kind: 'storage-damaged', code: `${error.how}:${error.table}` };
    case 'conflict':
      return { kind: 'storage-damaged', code: 'other-writer' };
    case 'storage-failed':
      return { kind: 'storage-damaged', code: 'failed' };
  }
}
