/** A factor of the ledger in words: its name, its note, its value in its own unit, and how far its bar goes. */
import type { Factor } from '@sealpost/shared/opened/finding/finding';
import { MODEL_V1 } from '@sealpost/shared/opened/risk/model-v1';
import type { Messages } from '#lib/messages/messages.svelte.ts';

export interface FactorWords {
  readonly name: string;
  readonly note: string | null;
  readonly value: string;
  /** -1 to 1 around the middle; `null` for floors and ceilings, which move the level and not the score. */
  readonly bar: number | null;
  readonly basis: 'judgement' | 'published' | null;
  readonly isSum: boolean;
}

export interface FactorGroup {
  readonly name: 'likelihood' | 'impact' | 'level';
  readonly factors: readonly Factor[];
}

/** Evidence of this many log-odds fills half the track. */
const FULL_LOG_ODDS = 2;

const familyOf = (code: string): string => code.split('.')[0] ?? code;

/** Likelihood, impact, then what moved the level; empty groups are left out. */
export function groupLedger(ledger: readonly Factor[]): readonly FactorGroup[] {
  const isImpact = (factor: Factor) => familyOf(factor.code) === 'impact';
  const isLevel = (factor: Factor) => ['floor', 'ceiling'].includes(familyOf(factor.code));
  const groups: readonly FactorGroup[] = [
    { name: 'likelihood', factors: ledger.filter((factor) => !isImpact(factor) && !isLevel(factor)) },
    { name: 'impact', factors: ledger.filter(isImpact) },
    { name: 'level', factors: ledger.filter(isLevel) },
  ];
  return groups.filter((group) => group.factors.length > 0);
}

export function describeFactor(t: Messages, factor: Factor): FactorWords {
  const { code, value } = factor;
  const names: Readonly<Record<string, string>> = t.factors.name;
  const isSum = code === 'likelihood' || code === 'impact';
  return {
    name: names[code] ?? t.factors.other(code),
    note: noteOf(t, factor),
    ...valueOf(t, factor),
    basis: basisOf(code),
    isSum,
    bar: barOf(code, value),
  };
}

function valueOf(t: Messages, { code, value, note }: Factor): { readonly value: string } {
  const family = familyOf(code);
  const number = value.toFixed(2);
  if (family === 'decay') return { value: `× ${number}` };
  if (family === 'evidence' && code !== 'evidence.live_cookie_own_host')
    return { value: value > 0 ? `+${value.toFixed(1)}` : `−${Math.abs(value).toFixed(1)}` };
  if (family === 'floor') return { value: `≥ ${levelWord(t, note)}` };
  if (family === 'ceiling') return { value: `≤ ${levelWord(t, note)}` };
  return { value: number };
}

function levelWord(t: Messages, note: string | undefined): string {
  const levels: Readonly<Record<string, string>> = t.terms.level;
  return (note && levels[note]) ?? '';
}

function noteOf(t: Messages, { code, note }: Factor): string | null {
  if (note === undefined || ['floor', 'ceiling'].includes(familyOf(code))) return null;
  if (familyOf(code) === 'decay') return t.factors.days(t.format.number(Number(note)));
  if (code === 'evidence.two_sources') return t.factors.sources(note);
  if (code === 'impact.blast' && /^\d+$/.test(note)) return t.factors.ownLogins(note);
  return t.factors.note[note] ?? note;
}

function barOf(code: string, value: number): number | null {
  switch (familyOf(code)) {
    case 'floor':
    case 'ceiling':
      return null;
    case 'decay':
      return value - 1;
    case 'evidence':
      return code === 'evidence.live_cookie_own_host' ? value : value / FULL_LOG_ODDS;
    default:
      return value;
  }
}

/** Weights without a published source say so (DOMAIN, Risk model). */
function basisOf(code: string): FactorWords['basis'] {
  const family = familyOf(code);
  if (family === 'prior') {
    const priors: Readonly<Record<string, { basis: 'judgement' | 'published' } | undefined>> = MODEL_V1.prior;
    return priors[code.slice('prior.'.length)]?.basis ?? 'judgement';
  }
  return code.includes('.') ? 'judgement' : null;
}
