/** Finds organisations by any words of their names, domains, province, parent or contacts, in Thai order. */
import type { Organisation } from '@sealpost/shared/opened/client/api/organisations';

const collator = new Intl.Collator('th', { numeric: true });

/** All words must hit somewhere; case and width are folded. */
export function searchOrganisations(organisations: readonly Organisation[], query: string): readonly Organisation[] {
  const words = fold(query).split(/\s+/u).filter(Boolean);
  const found =
    words.length === 0
      ? [...organisations]
      : organisations.filter((organisation) => {
          const text = fold(textOf(organisation));
          return words.every((word) => text.includes(word));
        });
  return found.sort((a, b) => collator.compare(a.nameTh || a.nameEn, b.nameTh || b.nameEn));
}

function textOf(organisation: Organisation): string {
  const { nameTh, nameEn, domains, province, parent, contacts } = organisation;
  return [
    nameTh,
    nameEn,
    province ?? '',
    parent ?? '',
    ...domains,
    ...contacts.flatMap((contact) => [contact.name, contact.email, contact.phone]),
  ].join('\n');
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
