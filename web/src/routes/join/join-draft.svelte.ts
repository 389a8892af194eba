/** What a focal point has typed so far, and what is still wrong with it. Lives as long as the page. */
import type { JoinForm } from '@sealpost/shared/opened/client/api/joining';
import type { Contact, OrganisationType, Sector } from '@sealpost/shared/opened/client/api/organisations';
import { HANDLING_NOTICE } from '@sealpost/shared/opened/respond/handling-notice';

export type JoinField =
  | 'nameTh'
  | 'nameEn'
  | 'domains'
  | 'name'
  | 'position'
  | 'email'
  | 'phone'
  | 'secondEmail'
  | 'secondPhone'
  | 'channel'
  | 'scope'
  | 'signedName'
  | 'signedPosition'
  | 'accepted';
export type JoinIssue = 'required' | 'email' | 'phone' | 'domain';

/** The parts of JOIN_STEPS in order; the last one, the passphrase, is checked by its own field. */
export const JOIN_STEPS = ['organisation', 'domains', 'contacts', 'purpose', 'notice', 'passphrase'] as const;

/** Loose on purpose: the vault checks for good; this only catches a slip before five more steps. */
const DOMAIN =
  /^(?=.{3,253}$)([\p{L}\p{M}\p{N}]([\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+[\p{L}\p{M}\p{N}-]{2,63}$/u;
const EMAIL = /^[^\s@<>]{1,64}@[^\s@<>]+\.[^\s@<>]{2,}$/;
const PHONE = /^[0-9+()\-. #*]{4,40}$/;

const emptyContact = (): Contact => ({ name: '', position: '', email: '', phone: '', language: 'th' });

export class JoinDraft {
  nameTh = $state('');
  nameEn = $state('');
  type = $state<OrganisationType>('state_agency');
  sector = $state<Sector>('public_service');
  domainText = $state('');
  contact = $state(emptyContact());
  second = $state(emptyContact());
  channel = $state('');
  scope = $state('');
  signedName = $state('');
  signedPosition = $state('');
  accepted = $state(false);
  passphrase = $state('');

  readonly domains = $derived(
    this.domainText
      .split(/[\s,;]+/u)
      .map((part) => part.trim().toLowerCase())
      .filter((part, index, all) => part !== '' && all.indexOf(part) === index),
  );
  readonly badDomain = $derived(this.domains.find((domain) => !DOMAIN.test(domain)) ?? null);
  readonly touched = $derived(this.nameTh !== '' || this.nameEn !== '' || this.domainText !== '');

  /** What is wrong on one step; empty when it may be left. */
  issues(step: (typeof JOIN_STEPS)[number]): Partial<Record<JoinField, JoinIssue>> {
    const found: Partial<Record<JoinField, JoinIssue>> = {};
    const need = (field: JoinField, value: string) => {
      if (value.trim() === '') found[field] = 'required';
    };
    switch (step) {
      case 'organisation':
        need('nameTh', this.nameTh);
        need('nameEn', this.nameEn);
        return found;
      case 'domains':
        if (this.domains.length === 0) found.domains = 'required';
        else if (this.badDomain !== null) found.domains = 'domain';
        return found;
      case 'contacts':
        need('name', this.contact.name);
        need('position', this.contact.position);
        if (!EMAIL.test(this.contact.email.trim()))
          found.email = this.contact.email.trim() === '' ? 'required' : 'email';
        if (!PHONE.test(this.contact.phone.trim()))
          found.phone = this.contact.phone.trim() === '' ? 'required' : 'phone';
        if (this.second.email.trim() !== '' && !EMAIL.test(this.second.email.trim())) found.secondEmail = 'email';
        if (this.second.phone.trim() !== '' && !PHONE.test(this.second.phone.trim())) found.secondPhone = 'phone';
        return found;
      case 'purpose':
        if (!PHONE.test(this.channel.trim())) found.channel = this.channel.trim() === '' ? 'required' : 'phone';
        need('scope', this.scope);
        return found;
      case 'notice':
        need('signedName', this.signedName);
        need('signedPosition', this.signedPosition);
        if (!this.accepted) found.accepted = 'required';
        return found;
      case 'passphrase':
        return found;
    }
  }

  toForm(invitation: string, appOrigin: string): JoinForm {
    return {
      invitation,
      nameTh: this.nameTh.trim(),
      nameEn: this.nameEn.trim(),
      type: this.type,
      sector: this.sector,
      domains: [...this.domains],
      contact: trimmed(this.contact),
      secondContact: this.second.name.trim() === '' ? null : trimmed(this.second),
      channel: this.channel.trim(),
      scope: this.scope.trim(),
      notice: {
        version: HANDLING_NOTICE.version,
        signedName: this.signedName.trim(),
        signedPosition: this.signedPosition.trim(),
      },
      passphrase: this.passphrase,
      appOrigin,
    };
  }
}

/** A plain copy: state proxies do not cross to a worker. */
function trimmed(contact: Contact): Contact {
  return {
    name: contact.name.trim(),
    position: contact.position.trim(),
    email: contact.email.trim(),
    phone: contact.phone.trim(),
    language: contact.language,
  };
}
