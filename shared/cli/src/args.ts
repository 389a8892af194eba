/** Arguments of one command, read strictly: what is not known is refused, so that a typing error never does something else. */
import { parseArgs } from 'node:util';
import type { Result } from '@sealpost/shared/base/result';
import { err, ok } from '@sealpost/shared/base/result';
import type { Call, Command, OptionSpec } from './command.ts';
import { toTerminal } from './escape.ts';

export type CallError = { readonly kind: 'help' } | { readonly kind: 'wrong'; readonly sentence: string };

/** Ids are base64url of 16 or 32 bytes and may begin with `-`. */
const ID = /^-[A-Za-z0-9_-]{21}(?:[A-Za-z0-9_-]{21})?$/;

/** Reads `args` (after the command's name). */
export function parseCall(command: Command, args: readonly string[]): Result<Call, CallError> {
  const { ids, rest } = setIdsApart(command, joinValues(args, command.options));
  let parsed;
  try {
    parsed = parseArgs({
      args: [...rest],
      options: { ...toNodeOptions(command.options), help: { type: 'boolean' as const } },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    return wrong(sentenceOf(error));
  }
  const values = parsed.values as Readonly<Record<string, string | boolean | string[] | undefined>>;
  if (values['help'] === true) return err({ kind: 'help' });
  for (const [name, spec] of Object.entries(command.options)) {
    if (spec.required === true && values[name] === undefined) return wrong(`--${name} is missing`);
  }
  const operands = [...ids, ...parsed.positionals];
  if (operands.length < command.operands.least) return wrong(`${command.operands.usage} is missing`);
  if (operands.length > command.operands.most) {
    return wrong(`"${toTerminal(operands[command.operands.most] ?? '')}" is one argument too many`);
  }
  return ok(toCall(operands, values));
}

function toCall(
  operands: readonly string[],
  values: Readonly<Record<string, string | boolean | string[] | undefined>>,
): Call {
  const text = (name: string): string | null => {
    const value = values[name];
    return typeof value === 'string' ? value : null;
  };
  return {
    operands,
    text,
    must: (name) => text(name) ?? '',
    texts: (name) => {
      const value = values[name];
      return Array.isArray(value) ? value : [];
    },
    flag: (name) => values[name] === true,
  };
}

/** `--org -abc` as `--org=-abc`: values may begin with a dash. A known option is never taken for a value. */
function joinValues(args: readonly string[], options: Command['options']): readonly string[] {
  const joined: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string;
    if (arg === '--') return [...joined, ...args.slice(at)];
    const next = args[at + 1];
    const takesValue = arg.startsWith('--') && options[arg.slice(2)]?.type === 'string';
    const isOption = next?.startsWith('--') === true && (next === '--help' || nameOf(next) in options);
    if (takesValue && next !== undefined && !isOption) {
      joined.push(`${arg}=${next}`);
      at++;
    } else joined.push(arg);
  }
  return joined;
}

function nameOf(arg: string): string {
  return arg.slice(2).split('=')[0] as string;
}

function setIdsApart(
  command: Command,
  args: readonly string[],
): { readonly ids: readonly string[]; readonly rest: readonly string[] } {
  const isId = (arg: string) => command.operands.usage === 'ID' && ID.test(arg) && !(nameOf(arg) in command.options);
  return { ids: args.filter(isId), rest: args.filter((arg) => !isId(arg)) };
}

function toNodeOptions(
  options: Readonly<Record<string, OptionSpec>>,
): Record<string, { type: 'string' | 'boolean'; multiple: boolean }> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple }]) => [name, { type, multiple: multiple === true }]),
  );
}

/** Node's own words, first sentence, without its advice. */
function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message : 'the arguments cannot be read';
  return toTerminal((message.split(/\. |\n/)[0] as string).replace(/^./, (letter) => letter.toLowerCase()));
}

function wrong(sentence: string): Result<never, CallError> {
  return err({ kind: 'wrong', sentence });
}
