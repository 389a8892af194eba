/** The main navigation of each kind of identity: most used first, the first four stay on a phone's bar. */
import type { Component } from 'svelte';
import Archive from '@lucide/svelte/icons/archive';
import Building from '@lucide/svelte/icons/building-2';
import FolderInput from '@lucide/svelte/icons/folder-input';
import Gauge from '@lucide/svelte/icons/gauge';
import Inbox from '@lucide/svelte/icons/inbox';
import Laptop from '@lucide/svelte/icons/laptop';
import ListChecks from '@lucide/svelte/icons/list-checks';
import Radar from '@lucide/svelte/icons/radar';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import Send from '@lucide/svelte/icons/send';
import Settings from '@lucide/svelte/icons/settings';
import type { Badges, IdentityKindOfUser } from '@sealpost/shared/opened/client/api/profile';
import type { Catalogue } from '#lib/messages/messages.svelte.ts';

export interface NavigationItem {
  readonly path: string;
  readonly name: keyof Catalogue['frame']['nav'];
  readonly icon: Component<{ size?: number | string; strokeWidth?: number | string }>;
  readonly badge?: keyof Badges;
  /** Pages of this item that lie beside its path. */
  readonly beside?: string;
}

export const NAVIGATION: Readonly<Record<IdentityKindOfUser, readonly NavigationItem[]>> = {
  organisation: [
    { path: '/overview', name: 'overview', icon: Gauge },
    { path: '/findings', name: 'findings', icon: ListChecks, badge: 'newFindings' },
    { path: '/bundles', name: 'bundles', icon: Archive, badge: 'bundles' },
    { path: '/record', name: 'record', icon: ScrollText },
    { path: '/material', name: 'ownMaterial', icon: FolderInput },
    { path: '/settings', name: 'settings', icon: Settings },
  ],
  cert: [
    { path: '/operator', name: 'overview', icon: Gauge },
    { path: '/operator/material', name: 'material', icon: FolderInput },
    { path: '/operator/publish', name: 'publish', icon: Send, badge: 'drafts', beside: '/operator/letter' },
    { path: '/operator/bundles', name: 'bundles', icon: Archive, badge: 'outbox' },
    { path: '/operator/organisations', name: 'organisations', icon: Building },
    { path: '/operator/watch', name: 'watch', icon: Radar },
    { path: '/operator/machines', name: 'machines', icon: Laptop },
    { path: '/operator/requests', name: 'requests', icon: Inbox, badge: 'requests' },
    { path: '/operator/audit', name: 'audit', icon: ScrollText },
    { path: '/settings', name: 'settings', icon: Settings },
  ],
};

/** Where each kind of identity starts. */
export const HOME: Readonly<Record<IdentityKindOfUser, string>> = { organisation: '/overview', cert: '/operator' };

/** The item whose pages contain `path`: the longest that fits. */
export function activeItem(kind: IdentityKindOfUser, path: string): NavigationItem | undefined {
  const beside = NAVIGATION[kind].find((item) => item.beside !== undefined && path.startsWith(`${item.beside}/`));
  if (beside) return beside;
  return NAVIGATION[kind]
    .filter((item) => path === item.path || path.startsWith(`${item.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
}
