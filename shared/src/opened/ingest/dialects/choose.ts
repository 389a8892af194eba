/** Chooses a file's dialect from a sample and reads single lines by it; a line that does not fit is tried otherwise, at less confidence. */
import { MAX_LINE } from '../limits.ts';
import type { Dialect, DialectName, FrozenDialect, LineFields } from './dialect.ts';
import { SEPARATORS } from './dialect.ts';
import { isJunkLine } from './junk.ts';
import { emailPair, userPair } from './pair.ts';
import { parsePaste } from './paste.ts';
import { pwdump } from './pwdump.ts';
import { hasScheme, urlFirst, urlFirstWeight } from './url-first.ts';
import { urlLast } from './url-last.ts';

const SAMPLE_LINES = 400;
/** Below its share of fitting lines a dialect is not taken: anything with a colon looks like `user:pass`. */
const LEAST_SHARE = 0.2;
const LEAST_USER_SHARE = 0.5;
/** What a line read by another dialect than the file's is worth. */
const RESCUE = 0.6;

interface Choice {
  readonly dialect: Dialect;
  weight(line: string, fields: LineFields): number;
}

/** In order of precedence on a tie. */
const CHOICES: readonly Choice[] = [
  { dialect: pwdump, weight: () => 1 },
  { dialect: urlLast, weight: () => 1 },
  { dialect: urlFirst, weight: urlFirstWeight },
  { dialect: emailPair, weight: () => 0.95 },
  { dialect: userPair, weight: (_, fields) => (fields.password === '' || fields.password.includes(' ') ? 0.2 : 0.5) },
];

/**
 * The dialect and separator that fit most of `lines`, `null` if none fits a fifth of them. One that a person names (`chosen`) is taken
 * whatever fits, with the separator that fits it best.
 */
export function chooseDialect(lines: readonly string[], chosen: DialectName | null = null): FrozenDialect | null {
  const sample = lines
    .filter((line) => line.length <= MAX_LINE && line.trim() !== '' && !isJunkLine(line))
    .slice(0, SAMPLE_LINES);
  const choices = chosen === null ? CHOICES : CHOICES.filter(({ dialect }) => dialect.name === chosen);
  const [named] = choices;
  let best: FrozenDialect | null =
    chosen === null || named === undefined ? null : { dialect: named.dialect, separator: ':', confidence: 0 };
  let bestSum = 0;
  for (const separator of SEPARATORS) {
    for (const { dialect, weight } of choices) {
      let sum = 0;
      let fits = 0;
      for (const line of sample) {
        const fields = dialect.parse(line, separator);
        if (fields === null) continue;
        fits++;
        sum += weight(line, fields);
      }
      const least = chosen !== null ? 0 : dialect === userPair ? LEAST_USER_SHARE : LEAST_SHARE;
      if (sum > bestSum && fits >= sample.length * least) {
        bestSum = sum;
        best = { dialect, separator, confidence: fits / sample.length };
      }
    }
  }
  return best;
}

/** Reads one line: by the frozen dialect, else by what fits it unmistakably. `null` if nothing does. */
export function parseLine(line: string, frozen: FrozenDialect | null): LineFields | null {
  if (frozen !== null) {
    const fields = frozen.dialect.parse(line, frozen.separator);
    if (fields !== null) return fields;
  }
  const rescued = rescueLine(line, frozen);
  return rescued === null ? null : { ...rescued, confidence: rescued.confidence * RESCUE };
}

function rescueLine(line: string, frozen: FrozenDialect | null): LineFields | null {
  const preferred = frozen?.separator ?? ':';
  const order = [preferred, ...SEPARATORS.filter((separator) => separator !== preferred)];
  const dialects: readonly Dialect[] = hasScheme(line) ? [urlFirst] : [urlLast, emailPair];
  for (const dialect of dialects) {
    for (const separator of order) {
      const fields = dialect.parse(line, separator);
      // An address and some words after it are a sentence, not fields set apart by spaces.
      if (fields !== null && !(separator === ' ' && fields.password.trim().includes(' '))) return fields;
    }
  }
  // A bare `word:word` is a credential only in a file that is a list otherwise.
  if (hasScheme(line) || frozen === null) return parsePaste(line);
  return urlFirst.parse(line, preferred) ?? parsePaste(line) ?? userPair.parse(line, preferred);
}

/** True if the line holds any separator at all, a scheme's colon apart. */
export function hasSeparator(line: string): boolean {
  const rest = line.replace('://', '');
  return SEPARATORS.some((separator) => rest.includes(separator));
}
