/**
 * Score of a finding by a risk model (DOMAIN, Risk model): pure, explainable, the same everywhere. Older never raises; an admin
 * identity or a higher asset never lowers.
 */
import type { Ms } from '../../base/brand.ts';
import type { Confidence, CookieState, Factor, Level } from '../finding/finding.ts';
import { LEVELS } from '../finding/finding.ts';
import type { Asset } from '../finding/profile.ts';
import type { FactorCode } from './factor-codes.ts';
import type { IdentityRole, Prior, RiskModel, ServiceKind } from './model-v1.ts';
import { MODEL_V1 } from './model-v1.ts';

/** What is known about whether the secret works now (DOMAIN, Words). */
export const VERDICTS = ['unknown', 'match', 'variant', 'no_match', 'changed', 'absent'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface RiskInput {
  readonly prior: Prior;
  /** Shown beside the prior of a hash. */
  readonly hashType: string | null;
  readonly capturedAtMs: Ms | null;
  readonly publishedAtMs: Ms | null;
  readonly nowMs: Ms;
  /** Recycled lists are not counted. At least 1. */
  readonly independentSources: number;
  /** `null`: unknown, as for a hash. */
  readonly fitsPolicy: boolean | null;
  readonly cookieState: CookieState;
  readonly ownHost: boolean;
  /** Pair without host or service. */
  readonly contextless: boolean;
  readonly mfa: 'unknown' | 'otp' | 'phishing_resistant';
  readonly reLeakOfClosed: boolean;
  readonly verdict: Verdict;
  readonly service: ServiceKind;
  readonly identity: IdentityRole;
  readonly asset: Asset;
  /** Own logins seen on the same machine, this one included. */
  readonly ownLogins: number;
  readonly corporateDevice: boolean;
  /** 0 to 1: how sure the parser was. */
  readonly parserConfidence: number;
  /** Every source that it was seen in repeats a known one, or looks made up: a step less sure, the score as it is. */
  readonly doubtfulSources?: boolean;
}

export interface RiskScore {
  /** 0 to 100. */
  readonly score: number;
  readonly level: Level;
  readonly confidence: Confidence;
  readonly likelihood: number;
  readonly impact: number;
  readonly ledger: readonly Factor[];
}

const DAY_MS = 86_400_000;
const SHARP: ReadonlySet<ServiceKind> = new Set(['sso', 'remote', 'admin']);

/** Scores `input` by `model`. */
export function scoreRisk(input: RiskInput, model: RiskModel = MODEL_V1): RiskScore {
  const ledger: Factor[] = [];
  const note = (code: FactorCode, value: number, text?: string): void => {
    ledger.push(text === undefined ? { code, value: round(value) } : { code, value: round(value), note: text });
  };
  const likelihood = likelihoodOf(input, model, note);
  const impact = impactOf(input, model, note);
  const score = Math.round(100 * Math.sqrt(likelihood * impact));
  const level = bounded(bandOf(score, model), input, model, note);
  return { score, level, confidence: confidenceOf(input), likelihood, impact, ledger };
}

type Note = (code: FactorCode, value: number, text?: string) => void;

function likelihoodOf(input: RiskInput, model: RiskModel, note: Note): number {
  const prior = model.prior[input.prior].value;
  note(`prior.${input.prior}`, prior, input.prior.startsWith('breach_') ? (input.hashType ?? undefined) : undefined);
  const decayed = prior * decayOf(input, model, note);
  let logOdds = Math.log(decayed / (1 - decayed));
  const add = (code: FactorCode, value: number, text?: string): void => {
    note(code, value, text);
    logOdds += value;
  };
  const { evidence } = model;
  if (input.independentSources >= 2) add('evidence.two_sources', evidence.twoSources, String(input.independentSources));
  if (input.fitsPolicy === true) add('evidence.policy_fit', evidence.policyFit);
  if (input.fitsPolicy === false) add('evidence.policy_misfit', evidence.policyMisfit);
  if (input.cookieState === 'live') add('evidence.live_cookie', evidence.liveCookie);
  if (input.mfa === 'otp') add('evidence.otp', evidence.otp);
  if (input.mfa === 'phishing_resistant') add('evidence.phishing_resistant_mfa', evidence.phishingResistantMfa);
  if (input.reLeakOfClosed) add('evidence.re_leak_of_closed', evidence.reLeakOfClosed);
  let likelihood = 1 / (1 + Math.exp(-logOdds));
  if (input.cookieState === 'live' && input.ownHost && likelihood < model.liveCookieOwnHost) {
    likelihood = model.liveCookieOwnHost;
    note('evidence.live_cookie_own_host', likelihood);
  }
  likelihood = afterVerdict(likelihood, input, model, note);
  note('likelihood', likelihood);
  return likelihood;
}

function decayOf(input: RiskInput, model: RiskModel, note: Note): number {
  const { decay } = model;
  const isFast = input.prior.startsWith('stealer') || input.prior.startsWith('phishing');
  const leakedAtMs = input.capturedAtMs ?? input.publishedAtMs;
  const days = leakedAtMs === null ? decay.unknownDays : Math.max(0, (input.nowMs - leakedAtMs) / DAY_MS);
  const value = Math.max(decay.floor, 1 - days / (isFast ? decay.stealerDays : decay.otherDays));
  if (leakedAtMs === null) note('decay.unknown', value);
  else note(input.capturedAtMs === null ? 'decay.published' : 'decay.captured', value, String(Math.floor(days)));
  return value;
}

function afterVerdict(likelihood: number, input: RiskInput, model: RiskModel, note: Note): number {
  const { verdict } = model;
  const set = (code: FactorCode, value: number): number => {
    note(code, value);
    return value;
  };
  switch (input.verdict) {
    case 'unknown':
      return likelihood;
    case 'match':
      return set('verdict.match', verdict.match);
    case 'variant':
      return set('verdict.variant', verdict.variant);
    case 'absent':
      return Math.min(likelihood, set('verdict.absent', verdict.absentAtMost));
    case 'no_match':
      return Math.min(likelihood, set('verdict.no_match', verdict.noMatchAtMost));
    case 'changed':
      return Math.min(likelihood, set('verdict.changed', verdict.changedAtMost));
  }
}

function impactOf(input: RiskInput, model: RiskModel, note: Note): number {
  const { blast, weight } = model;
  const several = input.ownLogins >= 5 ? blast.fiveOrMore : input.ownLogins >= 2 ? blast.twoToFour : blast.one;
  const parts = [
    ['impact.service', weight.service * model.service[input.service], input.service],
    ['impact.identity', weight.identity * model.identity[input.identity], input.identity],
    ['impact.asset', weight.asset * model.asset[input.asset], input.asset],
    [
      'impact.blast',
      weight.blast * (input.corporateDevice ? blast.corporateDevice : several),
      input.corporateDevice ? 'corporate_device' : String(input.ownLogins),
    ],
  ] as const;
  let impact = 0;
  for (const [code, value, text] of parts) {
    note(code, value, text);
    impact += value;
  }
  note('impact', impact);
  return impact;
}

function bandOf(score: number, { bands }: RiskModel): Level {
  if (score >= bands.critical) return 'critical';
  if (score >= bands.high) return 'high';
  if (score >= bands.medium) return 'medium';
  return score >= bands.low ? 'low' : 'info';
}

/** Floors, then ceilings. */
function bounded(band: Level, input: RiskInput, model: RiskModel, note: Note): Level {
  let rank = LEVELS.indexOf(band);
  const raise = (code: FactorCode, level: Level): void => {
    if (LEVELS.indexOf(level) <= rank) return;
    rank = LEVELS.indexOf(level);
    note(code, rank, level);
  };
  const lower = (code: FactorCode, level: Level): void => {
    if (LEVELS.indexOf(level) >= rank) return;
    rank = LEVELS.indexOf(level);
    note(code, rank, level);
  };
  const works = input.verdict === 'match' || input.verdict === 'variant';
  const isSharp = SHARP.has(input.service);
  if (works) {
    const isPrivileged = input.identity === 'admin' || input.identity === 'service';
    raise('floor.verdict', isSharp || isPrivileged ? 'critical' : 'high');
  }
  if (input.cookieState === 'live' && input.ownHost && isSharp) raise('floor.live_cookie', 'critical');
  if (input.corporateDevice && isRecent(input, model)) raise('floor.corporate_device', 'high');
  if (input.verdict === 'absent' || input.verdict === 'no_match' || input.verdict === 'changed')
    lower('ceiling.verdict', input.corporateDevice ? 'medium' : 'low');
  if (input.prior === 'address_only') lower('ceiling.address_only', 'low');
  if (input.prior === 'no_context' && input.contextless && !works) lower('ceiling.no_context', 'low');
  return LEVELS[rank] ?? band;
}

/** An unknown date counts as `unknownDays` ago here, too, so that learning an older one never raises. */
function isRecent(input: RiskInput, model: RiskModel): boolean {
  const leakedAtMs = input.capturedAtMs ?? input.publishedAtMs;
  const days = leakedAtMs === null ? model.decay.unknownDays : (input.nowMs - leakedAtMs) / DAY_MS;
  return days < model.corporateDeviceDays;
}

function confidenceOf(input: RiskInput): Confidence {
  if (input.verdict !== 'unknown') return 'high';
  if ((input.capturedAtMs === null && input.publishedAtMs === null) || input.parserConfidence < 0.5) return 'low';
  const isWellKnown = input.capturedAtMs !== null && input.parserConfidence >= 0.8 && !input.contextless;
  const isHigh = isWellKnown && (input.independentSources >= 2 || /_own$|^stealer|^phishing|^breach/.test(input.prior));
  if (input.doubtfulSources === true) return isHigh ? 'medium' : 'low';
  return isHigh ? 'high' : 'medium';
}

/** Four digits: what a person reads and what crosses the wire. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
