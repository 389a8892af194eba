/** What an alarm is called and what it means: by its exact code where we can say more, else by what it is about. */
import type { Alarm } from '@sealpost/shared/opened/client/api/record';
import type { Messages } from '#lib/messages/messages.svelte.ts';

export interface AlarmWords {
  readonly found: string;
  readonly means: string;
}

export function alarmWords(t: Messages, { what, code }: Pick<Alarm, 'what' | 'code'>): AlarmWords {
  const { found, foundOther, means, meansOther } = t.audit.proof;
  const exact = t.audit.alarm.exact[`${what}/${code}`];
  return {
    found: exact?.found ?? found[what] ?? foundOther,
    means: exact?.means ?? means[what] ?? meansOther,
  };
}

/** What a checkpoint says, for the eye: how many entries, and the beginning of the number that stands for all of them. */
export interface CheckpointFacts {
  readonly entries: number;
  readonly fingerprint: string;
}

/** Reads the second and third line of a signed note; `null` for anything else. It was verified before it became evidence, or failed to be. */
export function checkpointFacts(note: unknown): CheckpointFacts | null {
  if (typeof note !== 'string') return null;
  const [, size = '', root = ''] = note.split('\n');
  const entries = /^\d{1,15}$/.test(size) ? Number(size) : -1;
  return entries < 0 || !/^[A-Za-z0-9+/=]{40,48}$/.test(root) ? null : { entries, fingerprint: root.slice(0, 8) };
}
