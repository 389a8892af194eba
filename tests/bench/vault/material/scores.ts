/** Scores and ledgers as the risk model makes them, each distinct input once: a million findings share some ten thousand ledgers. */
import { NO_TEXT } from '@sealpost/shared/opened/bundle/columns';
import { CONFIDENCES, LEVELS } from '@sealpost/shared/opened/finding/finding';
import type { RiskInput } from '@sealpost/shared/opened/risk/score';
import { scoreRisk } from '@sealpost/shared/opened/risk/score';
import type { TextCodes } from './text-codes.ts';

/** A score with its ledger as codes of the columns it is made for. */
export interface CodedScore {
  readonly score: number;
  /** Index into LEVELS. */
  readonly level: number;
  /** Index into CONFIDENCES. */
  readonly confidence: number;
  readonly codes: Uint32Array<ArrayBuffer>;
  readonly values: Float64Array<ArrayBuffer>;
  /** NO_TEXT: none. */
  readonly notes: Uint32Array<ArrayBuffer>;
}

export class Scores {
  readonly #codes: TextCodes;
  readonly #notes: TextCodes;
  readonly #known = new Map<string, CodedScore>();

  /** `codes` and `notes` are the columns that factors go to. */
  constructor(codes: TextCodes, notes: TextCodes) {
    this.#codes = codes;
    this.#notes = notes;
  }

  scoreOf(input: RiskInput): CodedScore {
    const key = keyOf(input);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { score, level, confidence, ledger } = scoreRisk(input);
    const made = {
      score,
      level: LEVELS.indexOf(level),
      confidence: CONFIDENCES.indexOf(confidence),
      codes: Uint32Array.from(ledger, ({ code }) => this.#codes.codeOf(code)),
      values: Float64Array.from(ledger, ({ value }) => value),
      notes: Uint32Array.from(ledger, ({ note }) => (note === undefined ? NO_TEXT : this.#notes.codeOf(note))),
    };
    this.#known.set(key, made);
    return made;
  }
}

/** What differs between the bench's rows. Ages count in whole days: the fraction, which moves the fourth digit, is not kept. */
function keyOf(input: RiskInput): string {
  const numbers =
    (((ageOf(input.nowMs, input.capturedAtMs) * 4096 + ageOf(input.nowMs, input.publishedAtMs)) * 16 +
      input.independentSources) *
      16 +
      input.ownLogins) *
      16 +
    (input.ownHost ? 8 : 0) +
    (input.contextless ? 4 : 0) +
    (input.corporateDevice ? 2 : 0) +
    (input.parserConfidence < 0.5 ? 1 : 0);
  const { prior, hashType, fitsPolicy, cookieState, service, identity } = input;
  return `${numbers} ${prior} ${hashType} ${fitsPolicy} ${cookieState} ${service} ${identity}`;
}

/** 0: unknown. */
function ageOf(nowMs: number, ms: number | null): number {
  return ms === null ? 0 : 1 + Math.floor((nowMs - ms) / 86_400_000);
}
