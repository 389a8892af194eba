/** Names for what the record knows by id only: organisations of the list, this device, the server. */
import type { Organisation } from '@sealpost/shared/opened/client/api/organisations';
import type { Profile } from '@sealpost/shared/opened/client/api/profile';
import type { Messages } from '#lib/messages/messages.svelte.ts';
import { nameOf } from '../names.ts';

export interface AuditNames {
  device(device: string, label: string | null): string;
  organisation(org: string | null): string;
}

const SHORT = 8;

export function auditNames(organisations: readonly Organisation[], profile: Profile | null, t: Messages): AuditNames {
  const byOrg = new Map<string, string>();
  for (const organisation of organisations) {
    const name = nameOf(organisation, t.language);
    byOrg.set(organisation.listId, name);
    if (organisation.org !== null) byOrg.set(organisation.org, name);
  }
  return {
    device(device, label) {
      const short = device.slice(0, SHORT);
      if (device === profile?.device) return `${t.audit.thisDevice} · ${short}`;
      if (label === 'server') return `${t.audit.server} · ${short}`;
      return label ? `${label} · ${short}` : short;
    },
    organisation(org) {
      if (org === null) return t.audit.server;
      return org === 'cert' ? t.audit.cert : (byOrg.get(org) ?? org.slice(0, SHORT));
    },
  };
}
