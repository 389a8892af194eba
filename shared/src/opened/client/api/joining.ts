/** How an organisation asks for access and is approved. */
import type { Ms } from '../../../base/brand.ts';
import type { Contact, OrganisationType, Sector } from './organisations.ts';

export interface JoinForm {
  /** The fragment `i=1.…` or the whole invitation link. */
  readonly invitation: string;
  readonly nameTh: string;
  readonly nameEn: string;
  readonly type: OrganisationType;
  readonly sector: Sector;
  readonly domains: readonly string[];
  readonly contact: Contact;
  readonly secondContact: Contact | null;
  readonly channel: string;
  readonly scope: string;
  readonly notice: { readonly version: string; readonly signedName: string; readonly signedPosition: string };
  readonly passphrase: string;
  readonly appOrigin: string;
}

export interface InvitationSummary {
  readonly deployment: string;
  readonly origin: string;
  readonly expiresAtMs: Ms;
  readonly rootDigits: readonly string[];
  readonly demo: boolean;
}

/** An access request as the operator sees it: never with its digits. */
export interface AccessRequest {
  readonly id: string;
  readonly receivedAtMs: Ms;
  readonly form: Omit<JoinForm, 'invitation' | 'passphrase' | 'appOrigin'>;
  readonly withInvitation: boolean;
  readonly state: 'open' | 'approved' | 'declined';
  /** List entries whose names or domains fit, best first. */
  readonly candidates: readonly { readonly listId: string; readonly reason: 'invitation' | 'domain' | 'name' }[];
}

export interface Approval {
  readonly requestId: string;
  /** The organisation on the list that this request is; `null` lists it anew from the request. */
  readonly listId: string | null;
  /** 30 decimal digits, spaces ignored. */
  readonly digits: string;
  readonly method: 'letter' | 'known_phone' | 'meeting' | 'printed_sheet';
  readonly note: string;
  readonly provenDomains: readonly string[];
}
