/** Whether a leaf is a dump whose rows are not lines, from its sample. */
import { chooseProvider } from '../providers/choose-provider.ts';
import type { ProviderOptions } from '../providers/choose-provider.ts';
import { csvForm } from './csv.ts';
import { jsonForm } from './json.ts';
import type { DumpForm } from './span-machine.ts';
import { sqlForm } from './sql.ts';

/** `lines` of the sample as text. `null`: the line route's. */
export function chooseForm(lines: readonly string[], options: ProviderOptions): DumpForm | null {
  const text = lines.join('\n');
  return chooseProvider(lines, options) ?? jsonForm(text) ?? sqlForm(text) ?? csvForm(lines);
}
