/** What a fault test tells: one JSON line, the same members for every fault. */

export interface FaultLine {
  readonly fault: string;
  readonly rounds: number;
  /** What the server acknowledged: entries, and files where it is about files. */
  readonly acked: number;
  /** Of these, what was not there afterwards. */
  readonly lost: number;
  /** Missing or doubled sequence numbers and indices. */
  readonly gaps: number;
  /** Half-written or altered things that were served. */
  readonly torn: number;
  /** Attacks or damages made. */
  readonly attacks: number;
  /** Of these, what nobody noticed. */
  readonly undetected: number;
}

/** A line with zeros for what a fault is not about. */
export function faultLine(fault: string, rounds: number, figures: Partial<FaultLine>): FaultLine {
  return { fault, rounds, acked: 0, lost: 0, gaps: 0, torn: 0, attacks: 0, undetected: 0, ...figures };
}
