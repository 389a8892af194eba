/**
 * From a finding to the model's inputs: which prior, service and role a row stands for. What a row does not hold (verdicts, second
 * factors, logins on one machine) comes in as context, so that operator and organisation score alike.
 */
import type { Ms } from '../../base/brand.ts';
import type { Finding, PathClass, SourceClass } from '../finding/finding.ts';
import { hashSpeed } from '../finding/hash-type.ts';
import type { Asset } from '../finding/profile.ts';
import { ASSETS } from '../finding/profile.ts';
import { SOURCE_TAGS } from '../finding/tags.ts';
import type { FactorCode } from './factor-codes.ts';
import type { IdentityRole, Prior, RiskModel, ServiceKind } from './model-v1.ts';
import { MODEL_V1 } from './model-v1.ts';
import type { RiskInput, Verdict } from './score.ts';
import { scoreRisk } from './score.ts';

export interface RiskContext {
  readonly nowMs: Ms;
  readonly asset?: Asset;
  /** Own logins seen on the same machine, this one included. */
  readonly ownLogins?: number;
  /** How sure the parser was. */
  readonly parserConfidence?: number;
  readonly verdict?: Verdict;
  readonly mfa?: RiskInput['mfa'];
  readonly reLeakOfClosed?: boolean;
  /** Ids of sources that share over 80 % of their rows with a known one: not independent. */
  readonly recycledSources?: ReadonlySet<string>;
}

/** Everything of a finding but what scoring makes. */
export type Unscored = Omit<Finding, 'score' | 'level' | 'confidence' | 'ledger'>;

const SERVICE_BY_CLASS: Readonly<Partial<Record<PathClass, ServiceKind>>> = {
  sso: 'sso',
  vpn: 'remote',
  admin: 'admin',
  mail: 'mail',
};

const ADMIN =
  /(?:^|[._-])(?:admin|administrator|root|sysadmin|netadmin|superuser|superadmin|dbadmin|sysop|adm)[0-9]*(?=$|[._-])/;
const SERVICE =
  /(?:^|[._-])(?:svc|service|services|daemon|backup|scanner|printer|noreply|no-reply|api|bot|sync|smtp|ldap|system)[0-9]*(?=$|[._-])/;
const EXECUTIVE =
  /(?:^|[._-])(?:ceo|cfo|cio|ciso|cto|director|secretary|minister|governor|president|rector|finance|accounting|payroll|treasury|hr|personnel)[0-9]*(?=$|[._-])/;

/** `finding` with score, level, confidence and ledger by `model`. */
export function scoreFinding(finding: Unscored, context: RiskContext, model: RiskModel = MODEL_V1): Finding {
  const { score, level, confidence, ledger } = scoreRisk(riskInputOf(finding, context), model);
  return { ...finding, score, level, confidence, ledger };
}

/**
 * `finding` scored anew after what it is was changed, as of the time and with the context of its last score, which its ledger tells.
 * How sure we are of it stays.
 */
export function scoreAgain(finding: Finding): Finding {
  const noteOf = (code: FactorCode) => finding.ledger.find((factor) => factor.code === code)?.note;
  const asset = ASSETS.find((one) => one === noteOf('impact.asset'));
  const scored = scoreFinding(finding, {
    nowMs: finding.lastSeenAtMs,
    ownLogins: Number(noteOf('impact.blast')) || 1,
    ...(asset === undefined ? {} : { asset }),
  });
  return { ...scored, confidence: finding.confidence };
}

/** The model's inputs for `finding`. */
function riskInputOf(finding: Unscored, context: RiskContext): RiskInput {
  const ownHost = isOnOwnHost(finding);
  const independent = finding.sightings.filter(
    ({ sourceId }) => context.recycledSources?.has(sourceId) !== true,
  ).length;
  const isClear =
    finding.secret.hashType === null && finding.sourceClass !== 'breach_hash' && !finding.tags.includes('no_secret');
  return {
    prior: priorOf(finding, ownHost),
    hashType: finding.secret.hashType,
    capturedAtMs: finding.capturedAtMs,
    publishedAtMs: finding.publishedAtMs,
    nowMs: context.nowMs,
    independentSources: Math.max(1, independent),
    fitsPolicy: isClear ? finding.secret.fitsPolicy : null,
    cookieState: finding.cookieState,
    ownHost,
    contextless: finding.context === 'none',
    mfa: context.mfa ?? 'unknown',
    reLeakOfClosed: context.reLeakOfClosed ?? false,
    verdict: context.verdict ?? 'unknown',
    service: serviceKindOf(finding, ownHost),
    identity: roleOf(finding),
    asset: context.asset ?? 'unknown',
    ownLogins: Math.max(1, context.ownLogins ?? 1),
    corporateDevice: finding.tags.includes('corporate_device'),
    parserConfidence: context.parserConfidence ?? (finding.tags.includes('ambiguous') ? 0.4 : 1),
    doubtfulSources: finding.tags.some((tag) => SOURCE_TAGS.has(tag)),
  };
}

/** The service is the organisation's own: every exposure but `third_party` and keyword hits has that meaning. */
function isOnOwnHost(finding: Unscored): boolean {
  return finding.host !== '' && finding.exposure !== 'third_party' && !finding.tags.includes('keyword_only');
}

/** Role that a login's words tell; customers are customers whatever they call themselves. */
function roleOf(finding: Pick<Finding, 'exposure' | 'identity' | 'identityKind'>): IdentityRole {
  if (finding.exposure === 'customer') return 'customer';
  const at = finding.identity.lastIndexOf('@');
  const name = at < 0 ? finding.identity : finding.identity.slice(0, at);
  if (ADMIN.test(name)) return 'admin';
  if (SERVICE.test(name)) return 'service';
  if (EXECUTIVE.test(name)) return 'executive';
  return finding.exposure === 'unclassified' ? 'unknown' : 'staff';
}

function serviceKindOf(finding: Unscored, ownHost: boolean): ServiceKind {
  if (finding.context === 'none') return 'unknown';
  if (!ownHost) return 'other_site';
  if (finding.exposure === 'customer') return 'customer_portal';
  return SERVICE_BY_CLASS[finding.pathClass] ?? (finding.exposure === 'employee' ? 'internal' : 'unknown');
}

function priorOf(finding: Unscored, ownHost: boolean): Prior {
  if (finding.tags.includes('no_secret')) return 'address_only';
  const sourceClass: SourceClass = finding.sourceClass;
  switch (sourceClass) {
    case 'stealer':
      return ownHost ? 'stealer_own' : 'stealer_other';
    case 'phishing':
      return ownHost ? 'phishing_own' : 'phishing_other';
    case 'breach_plain':
      return 'breach_plain';
    case 'ulp':
    case 'combo':
      return finding.context === 'none' ? 'no_context' : ownHost ? 'ulp_own' : 'ulp_other';
    case 'paste':
      return 'paste';
    case 'breach_hash': {
      const speed = hashSpeed(finding.secret.hashType ?? '');
      return speed === 'slow' ? 'breach_slow' : `breach_${speed}`;
    }
    case 'address_only':
      return 'address_only';
  }
}
