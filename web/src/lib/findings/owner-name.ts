/** How an owner is shown: this device's own as "me", another device by the start of its thumbprint, a typed name as typed. */
import type { Messages } from '#lib/messages/messages.svelte.ts';

const THUMBPRINT = /^[\w-]{43}$/;

export function ownerName(t: Messages, owner: string | null, me: string): string {
  if (owner === null || owner === '') return t.findings.nobody;
  if (owner === me) return t.findings.me;
  return THUMBPRINT.test(owner) ? t.findings.drawer.otherDevice(owner.slice(0, 6)) : owner;
}
