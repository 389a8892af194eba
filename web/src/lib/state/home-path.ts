/** Where an identity starts after unlocking. */
import type { Profile } from '@sealpost/shared/opened/client/api/profile';
import { HOME } from '#lib/frame/navigation.ts';

/** The overview of its kind; for an organisation that is not enrolled, where its request stands. */
export function homePath(profile: Pick<Profile, 'kind' | 'enrolment'>): string {
  return profile.kind === 'cert' || profile.enrolment.kind === 'enrolled' ? HOME[profile.kind] : '/join/status';
}
