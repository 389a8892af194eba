/** Made-up accounts by number: the same number is the same account in every bundle. */
import type { IdentityKind } from '@sealpost/shared/opened/finding/finding';
import type { IdentityRole } from '@sealpost/shared/opened/risk/model-v1';
import type { Random } from '@sealpost/shared/opened/sample/random';
import { FAMILY, FAMILY_THAI, GIVEN, GIVEN_THAI, PUBLIC_MAIL, ROLES } from './names.ts';
import { streamOf } from './seeds.ts';
import type { World } from './world.ts';

export interface Account {
  readonly number: number;
  readonly kind: IdentityKind;
  readonly text: string;
  readonly mailboxKey: string | null;
  /** Of the organisation's own mail domain: its number. */
  readonly ownDomain: number | null;
  readonly role: IdentityRole;
  readonly isMixedCase: boolean;
}

/** The account `number` of the world of `seed`. */
export function accountOf(seed: number, number: number, world: World): Account {
  const random = streamOf(seed, 3, number);
  const isMixedCase = random.chance(0.06);
  const form = random.int(100);
  const base = { number, mailboxKey: null, ownDomain: null, role: 'staff', isMixedCase } as const;
  if (form < 58) {
    const ownDomain = world.drawDomain(random);
    const isRole = random.chance(0.01);
    const local = isRole ? random.pick(ROLES) : localPart(random);
    const role = isRole ? roleOf(local) : 'staff';
    return { ...base, kind: 'email', text: `${local}@${world.domains[ownDomain] ?? ''}`, ownDomain, role };
  }
  if (form < 78) {
    const domain = random.pick(PUBLIC_MAIL);
    const local = localPart(random);
    const mailboxKey = domain === 'gmail.com' ? `${local.replaceAll('.', '')}@gmail.com` : null;
    return { ...base, kind: 'email', text: `${local}@${domain}`, mailboxKey };
  }
  if (form < 86)
    return { ...base, kind: 'user', text: random.chance(0.5) ? `6${random.digits(9)}` : localPart(random) };
  if (form < 89) return { ...base, kind: 'user', text: thaiName(random) };
  if (form < 95) return { ...base, kind: 'phone', text: `+668${random.digits(8)}` };
  // Masked before it leaves the operator: few texts, many people.
  if (form < 97) return { ...base, kind: 'national_id', text: `${random.digits(2)}******${random.digits(2)}` };
  if (form < 99) {
    const ownDomain = world.drawDomain(random);
    return { ...base, kind: 'upn', text: `${thaiName(random)}@${world.domains[ownDomain] ?? ''}`, ownDomain };
  }
  const hex = random.hex(32).toLowerCase();
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return { ...base, kind: 'appid', text: parts.join('-') };
}

function localPart(random: Random): string {
  const given = random.pick(GIVEN);
  const family = random.pick(FAMILY);
  switch (random.int(6)) {
    case 0:
      return `${given}.${family}`;
    case 1:
      return `${given}.${family.slice(0, 1 + random.int(3))}${random.int(100)}`;
    case 2:
      return `${given.slice(0, 1)}${family}${random.int(10_000)}`;
    case 3:
      return `${given}${random.int(100_000)}`;
    case 4:
      return `${given}_${family.slice(0, 3)}${random.int(1000)}`;
    default:
      return `${family}.${given.slice(0, 1)}${random.int(1000)}`;
  }
}

function thaiName(random: Random): string {
  return `${random.pick(GIVEN_THAI)}.${random.pick(FAMILY_THAI)}${random.chance(0.7) ? random.int(1000) : ''}`;
}

/** What the words of ROLES stand for in the risk model. */
function roleOf(local: string): IdentityRole {
  if (/^(?:admin|root|sysadmin)$/.test(local)) return 'admin';
  if (/^(?:backup|svc-scan|noreply|ldap|api)$/.test(local)) return 'service';
  return /^(?:ceo|finance|hr|director|payroll)$/.test(local) ? 'executive' : 'staff';
}
