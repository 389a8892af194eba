/** Turns a failure into words: what happened, what is safe, what to do, and a code for a report. */
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { Catalogue } from './en.ts';
import type { Formats } from './formats.ts';

export interface ErrorWords {
  readonly title: string;
  readonly safe: string;
  readonly next: string;
  readonly code: string;
}

/** `kind` plus whatever narrows it down, e.g. `server/507/storage-full`: safe to send to anyone. */
function errorCode(error: ClientError): string {
  switch (error.kind) {
    case 'server':
      return `server/${error.status}/${error.code}`;
    case 'forged':
      return `forged/${error.what}/${error.code}`;
    case 'not-allowed':
    case 'storage-damaged':
    case 'unexpected':
      return `${error.kind}/${error.code}`;
    case 'not-found':
    case 'already-done':
      return `${error.kind}/${error.what}`;
    case 'invalid':
      return `invalid/${error.issues.map((issue) => `${issue.field}.${issue.code}`).join(',')}`;
    default:
      return error.kind;
  }
}

export function explainError(words: Catalogue['errors'], format: Formats, error: ClientError): ErrorWords {
  return { ...wordsOf(words, format, error), code: errorCode(error) };
}

function wordsOf(words: Catalogue['errors'], format: Formats, error: ClientError): Omit<ErrorWords, 'code'> {
  if (error.kind === 'storage-full' && error.room)
    return words.noDisk(format.bytes(error.room.neededBytes), format.bytes(error.room.freeBytes));
  if (error.kind === 'memory-full' && error.room)
    return words.noMemory(format.number(error.room.findings), format.number(error.room.fitting));
  if (error.kind === 'not-found' && error.what === 'vault') return words.noVault;
  return words.kinds[error.kind];
}
