/** Help texts, made from the commands themselves. */
import type { Command, OptionSpec } from './command.ts';

const WIDTH = 30;

/** What `sealpost --help` says. */
export function overview(commands: readonly Command[]): string {
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(18)}${summary}`);
  return ['usage: sealpost COMMAND …   (sealpost COMMAND --help says more)', '', ...lines].join('\n');
}

/** What `sealpost COMMAND --help` says. */
export function helpOf({ name, summary, operands, options }: Command): string {
  const usage = ['usage: sealpost', name, operands.usage, Object.keys(options).length > 0 ? 'OPTIONS' : ''];
  const lines = Object.entries(options).map(([option, spec]) => optionLine(option, spec));
  return [usage.filter((part) => part !== '').join(' '), '', summary, '', ...lines].join('\n');
}

function optionLine(name: string, { value, help, required, multiple }: OptionSpec): string {
  const left = `  --${name}${value === undefined ? '' : ` ${value}`}`;
  const remarks = [required === true ? 'required' : '', multiple === true ? 'may be repeated' : ''];
  const more = remarks.filter((remark) => remark !== '').join(', ');
  return `${left.padEnd(WIDTH)}  ${help}${more === '' ? '' : ` (${more})`}`;
}
