/**
 * A dialect: how one file writes its lines. Decided from a sample, frozen for the file, recorded with its confidence. One file a
 * dialect in this folder, listed in `choose.ts`; dumps whose rows are not lines are in `dump/`.
 */

export const SEPARATORS = [':', ';', '|', '\t', ',', ' '] as const;
export type Separator = (typeof SEPARATORS)[number];

/** Dialects that a person may name, the commonest first. */
export type DialectName = 'url-login-pass' | 'email-pass' | 'user-pass' | 'login-pass-url' | 'pwdump';

/** The fields of one line, texts as found. */
export interface LineFields {
  readonly url: string;
  readonly login: string;
  /** As it stands after the separator, untrimmed. */
  readonly password: string;
  /** Package of an Android entry. */
  readonly application: string | null;
  /** 0 to 1. */
  readonly confidence: number;
}

export interface Dialect {
  /** Stable name, such as `url-login-pass`. */
  readonly name: string;
  /** `null` if the line is not written like this. Linear in the line. */
  parse(line: string, separator: Separator): LineFields | null;
}

/** What was decided for a file. */
export interface FrozenDialect {
  readonly dialect: Dialect;
  readonly separator: Separator;
  /** Share of the sample's lines that fit. */
  readonly confidence: number;
}

const SEPARATOR_NAMES: Readonly<Record<Separator, string>> = {
  ':': 'colon',
  ';': 'semicolon',
  '|': 'pipe',
  '\t': 'tab',
  ',': 'comma',
  ' ': 'space',
};

/** The form in the ledger: `url-login-pass/colon`. */
export function dialectName(frozen: FrozenDialect): string {
  return `${frozen.dialect.name}/${SEPARATOR_NAMES[frozen.separator]}`;
}
