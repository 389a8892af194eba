/** An organisation's form while it is typed: lists as lines of text, contacts as they are. */
import type { Contact, Organisation, OrganisationForm } from '@sealpost/shared/opened/client/api/organisations';

const emptyContact = (): Contact => ({ name: '', position: '', email: '', phone: '', language: 'th' });

function lines(text: string): string[] {
  return text
    .split(/[\n,;]+/u)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

export class OrganisationDraft {
  nameTh = $state('');
  nameEn = $state('');
  type = $state<OrganisationForm['type']>('state_agency');
  sector = $state<OrganisationForm['sector']>('public_service');
  parent = $state('');
  province = $state('');
  domains = $state('');
  exclude = $state('');
  keywords = $state('');
  contacts = $state<Contact[]>([]);
  readonly #known: OrganisationForm['keywords'];
  /** What this form does not show stays as it is. */
  readonly #rest: Pick<OrganisationForm, 'patterns' | 'exposureRules' | 'networks'>;

  /** A new organisation may come with a domain, from a suggestion. */
  constructor(organisation: Organisation | null, domain = '') {
    this.#known = organisation?.keywords ?? [];
    this.domains = domain;
    const { patterns, exposureRules, networks } = organisation ?? {};
    this.#rest = {
      ...(patterns === undefined ? {} : { patterns }),
      ...(exposureRules === undefined ? {} : { exposureRules }),
      ...(networks === undefined ? {} : { networks }),
    };
    this.contacts = (organisation?.contacts ?? [emptyContact()]).map((contact) => ({ ...contact }));
    if (!organisation) return;
    this.nameTh = organisation.nameTh;
    this.nameEn = organisation.nameEn;
    this.type = organisation.type;
    this.sector = organisation.sector;
    this.parent = organisation.parent ?? '';
    this.province = organisation.province ?? '';
    this.domains = organisation.domains.join('\n');
    this.exclude = organisation.exclude.join('\n');
    this.keywords = organisation.keywords.map(({ term }) => term).join('\n');
  }

  addContact(): void {
    this.contacts.push(emptyContact());
  }

  removeContact(index: number): void {
    this.contacts.splice(index, 1);
  }

  /** A plain copy: state proxies do not cross to a worker. Empty contacts are left out. */
  toForm(): OrganisationForm {
    return {
      ...this.#rest,
      nameTh: this.nameTh.trim(),
      nameEn: this.nameEn.trim(),
      type: this.type,
      sector: this.sector,
      parent: this.parent.trim() || null,
      province: this.province.trim() || null,
      domains: lines(this.domains),
      exclude: lines(this.exclude),
      keywords: lines(this.keywords).map((term) => ({
        term,
        scope: this.#known.find((keyword) => keyword.term === term)?.scope ?? 'anywhere',
      })),
      contacts: this.contacts
        .map((contact) => ({
          name: contact.name.trim(),
          position: contact.position.trim(),
          email: contact.email.trim(),
          phone: contact.phone.trim(),
          language: contact.language,
        }))
        .filter(({ name, email, phone }) => name !== '' || email !== '' || phone !== ''),
    };
  }
}
