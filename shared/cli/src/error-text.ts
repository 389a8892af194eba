/** Failures of the client in one sentence for the operator of a terminal. No plaintext, no keys, no stack. */
import type { ClientError, InputIssue } from '@sealpost/shared/opened/client/api/client-error';
import type { Result } from '@sealpost/shared/base/result';
import { Failure } from './command.ts';

/** The value, or the command ends with the error's sentence. */
export function orFail<T>(result: Result<T, ClientError>): T {
  if (!result.ok) throw new Failure(errorText(result.error));
  return result.value;
}

/** One sentence, without a full stop at its end. */
export function errorText(error: ClientError): string {
  switch (error.kind) {
    case 'locked':
      return 'the vault is locked';
    case 'wrong-passphrase':
      return 'wrong passphrase';
    case 'weak-passphrase':
      return 'the passphrase is too weak: take four or more random words, or sixteen mixed characters';
    case 'offline':
      return 'the server cannot be reached; what is sealed waits in the outbox, try again later';
    case 'server':
      return serverText(error.status, error.code);
    case 'forged':
      return `refused: ${error.what} does not hold (${error.code}); the server or the file may have been tampered with`;
    case 'update-needed':
      return 'this version of Sealpost is too old for what the server holds: update it';
    case 'not-allowed':
      return `not allowed (${error.code})`;
    case 'not-found':
      return `no such ${error.what}`;
    case 'invalid':
      return error.issues.slice(0, 20).map(issueText).join('; ');
    case 'wrong-digits':
      return 'the digits are not those of this request: nothing was approved';
    case 'already-done':
      return `this ${error.what} was done already: nothing changed`;
    case 'storage-full':
      return error.room === undefined
        ? 'the disk is full: nothing changed'
        : `the disk has ${error.room.freeBytes} bytes left and ${error.room.neededBytes} are needed: nothing was fetched`;
    case 'storage-damaged':
      return error.code === 'other-writer'
        ? 'another process is using this home: try again when it is done'
        : `the home is damaged (${error.code}): restore it from the backup`;
    case 'memory-full':
      return error.room === undefined
        ? 'the findings do not fit the memory of this machine; what is stored is whole'
        : `about ${error.room.fitting} findings fit the memory of this machine, ${error.room.findings} would be too many: nothing was stored`;
    case 'cancelled':
      return 'cancelled';
    case 'unexpected':
      return `this should not have happened (${error.code}); please report it`;
  }
}

function serverText(status: number, code: string): string {
  switch (code) {
    case 'forbidden':
      return 'the server does not allow it (forbidden)';
    case 'unauthorized':
      return 'the server does not know this key, or its clock is far from ours';
    case 'rate-limited':
    case 'quota':
      return 'the server takes no more for now: try again later';
    case 'unknown':
      return `what answered is no Sealpost server (status ${status})`;
    default:
      return `the server refused it (${code}, status ${status})`;
  }
}

function issueText({ field, code, row, value }: InputIssue): string {
  const place = row === undefined ? '' : `row ${row}: `;
  const what = value === undefined ? '' : ` "${value}"`;
  return `${place}${field}${what}: ${ISSUES[code] ?? code}`;
}

const ISSUES: Readonly<Record<string, string>> = {
  required: 'is missing',
  'too-long': 'is too long',
  'bad-value': 'has a form that is not allowed',
  'bad-domain': 'is no domain name',
  'public-suffix': 'is a public suffix: too wide to watch',
  'unknown-column': 'is no known column',
  'missing-column': 'the column is missing',
  'too-many-cells': 'has more cells than the header',
  duplicate: 'stands there twice',
  expired: 'has expired',
  empty: 'holds no rows',
  'bad-csv': 'is no CSV',
  'too-large': 'is too large',
  'too-many-rows': 'holds too many rows',
};
