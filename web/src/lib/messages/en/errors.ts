/** Every failure in words: what happened, what is safe, what to do. Keys are the kinds of ClientError. */
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';

interface Words {
  readonly title: string;
  readonly safe: string;
  readonly next: string;
}

export const errors = {
  code: 'Code to report:',
  retry: 'Try again',
  /** Said before a bundle is fetched. */
  noDisk: (needed: string, free: string) => ({
    title: 'The new bundle does not fit on this device',
    safe: `It needs ${needed} for the time being, and ${free} are free. Nothing was fetched; what is here is complete.`,
    next: 'Free some space on the device, then check again. The bundle waits with the server.',
  }),
  /** The database of an identity that this browser still lists is not there. */
  noVault: {
    title: 'The vault is no longer in this browser',
    safe: 'The browser removed it to free space, or its data was cleared. What was sent to you waits with the server; triage that was only here is lost.',
    next: 'A CERT opens its backup file. An organisation asks the CERT for a new invitation. Allow this site to keep its storage next time.',
  },
  noMemory: (findings: string, fitting: string) => ({
    title: 'The new findings do not fit this device’s memory',
    safe: `With them there would be ${findings}; about ${fitting} fit. Nothing was stored; what is here is complete.`,
    next: 'Open the vault on a device with more memory. The bundle waits with the server.',
  }),
  kinds: {
    locked: {
      title: 'The vault is locked',
      safe: 'Everything you saved is in it.',
      next: 'Unlock it, then try again.',
    },
    'wrong-passphrase': {
      title: 'This passphrase does not open it',
      safe: 'Nothing was changed.',
      next: 'Check the keyboard language and capital letters, then type it again.',
    },
    'weak-passphrase': {
      title: 'This passphrase is too easy to guess',
      safe: 'Nothing was stored yet.',
      next: 'Use four or more unrelated words, or a longer sentence.',
    },
    offline: {
      title: 'The server cannot be reached',
      safe: 'Everything on this device works and is kept.',
      next: 'It is sent by itself once the connection is back.',
    },
    server: {
      title: 'The server answered unexpectedly',
      safe: 'Nothing on this device was changed.',
      next: 'Try again in a minute. If it stays, report the code to whoever runs the server.',
    },
    forged: {
      title: 'A check of signature or content failed',
      safe: 'What failed was not opened and nothing of yours was changed.',
      next: 'Report the code to the CERT by a known phone number. Do not reply to a message that asked for this.',
    },
    'update-needed': {
      title: 'This came from a newer Sealpost',
      safe: 'It waits unchanged.',
      next: 'Reload to get the new version, then try again.',
    },
    'not-allowed': {
      title: 'Your role does not allow this',
      safe: 'Nothing was changed.',
      next: 'Ask your focal point or the CERT.',
    },
    'not-found': {
      title: 'This is no longer here',
      safe: 'Everything else is as it was.',
      next: 'It may have been withdrawn or removed. Go back and look again.',
    },
    invalid: {
      title: 'Something in the form needs a change',
      safe: 'What you typed is kept.',
      next: 'Correct the marked fields.',
    },
    'wrong-digits': {
      title: 'The digits do not match',
      safe: 'Nothing was approved.',
      next: 'Ask the person to read them again. If they still differ, decline and report it: the request may not be theirs.',
    },
    'already-done': {
      title: 'This was done before',
      safe: 'Nothing was changed or counted twice.',
      next: 'There is nothing to do.',
    },
    'storage-full': {
      title: 'This device has run out of storage',
      safe: 'What was stored before is complete. The unfinished part was removed.',
      next: 'Free some space on the device, then try again.',
    },
    'storage-damaged': {
      title: 'A stored part did not pass its check',
      safe: 'Nothing was deleted.',
      next: 'Reload. If it stays, report the code; bundles can be fetched again.',
    },
    'memory-full': {
      title: 'The findings do not fit this device’s memory',
      safe: 'What is stored is complete.',
      next: 'Close other programs and tabs, or open the vault on a device with more memory.',
    },
    cancelled: {
      title: 'Cancelled',
      safe: 'Nothing was kept of it.',
      next: 'Start again whenever you like.',
    },
    unexpected: {
      title: 'Something went wrong that should not',
      safe: 'What was stored before is unchanged.',
      next: 'Reload this page and try again. If it stays, report the code.',
    },
  } as Record<ClientError['kind'], Words>,
};
