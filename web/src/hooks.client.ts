/** First of all, before the router reads the address: an invitation leaves the address bar. */
import { removeInvitationFromAddress } from '#lib/state/invitation-link.ts';

removeInvitationFromAddress();
