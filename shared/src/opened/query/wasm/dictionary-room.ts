/** Room for dictionaries in the engine's own memory. */
import type { DictionaryRoom, DictionarySizes } from '../dictionary-room.ts';
import { freshRoom } from '../dictionary-room.ts';
import type { Columns } from './columns.ts';

/** The arrays in which the texts will lie; arrays of their own where there are texts already. Throws EngineFullError. */
export function lendRoom({ texts }: Columns, sizes: DictionarySizes): DictionaryRoom {
  const names = Object.keys(sizes) as (keyof DictionarySizes)[];
  if (names.some((name) => texts[name].count > 1)) return freshRoom(sizes);
  const domains = sizes.identityDomain.entries;
  for (const name of names) texts[name].makeRoom(sizes[name], name === 'identity' ? domains : 0);
  // Only now: taking memory may move all of it.
  const lent = Object.fromEntries(names.map((name) => [name, texts[name].lend()]));
  const room = lent as unknown as Omit<DictionaryRoom, 'identity'> & {
    readonly identity: DictionaryRoom['identityDomain'];
  };
  return { ...room, identity: { local: room.identity, domain: texts.identity.lendTags() } };
}
