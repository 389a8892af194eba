/** Names of organisations in the reader's language, by list id. */
import type { Organisation } from '@sealpost/shared/opened/client/api/organisations';

interface Named {
  readonly nameTh: string;
  readonly nameEn: string;
}

export function nameOf(named: Named, language: 'th' | 'en'): string {
  return language === 'th' ? named.nameTh || named.nameEn : named.nameEn || named.nameTh;
}

/** `listId` itself for an entry that is gone. */
export function nameById(organisations: readonly Organisation[], listId: string, language: 'th' | 'en'): string {
  const found = organisations.find((organisation) => organisation.listId === listId);
  return found ? nameOf(found, language) : listId;
}
