/** Arrays that an import's dictionaries are written into as they are read from disk. */
import type { HotDictionaries } from './hot-columns.ts';
import { codesFor } from './narrow-codes.ts';

export interface DictionarySize {
  readonly entries: number;
  readonly heapBytes: number;
}

/** Dictionaries to be filled; the first offset of each is 0. */
export type DictionaryRoom = Omit<HotDictionaries, 'areDistinct'>;
/** Of each dictionary. */
export type DictionarySizes = Readonly<Record<keyof DictionaryRoom, DictionarySize>>;

/** Arrays of their own. */
export function freshRoom(sizes: DictionarySizes): DictionaryRoom {
  const texts = Object.fromEntries(
    Object.entries(sizes).map(([name, { entries, heapBytes }]) => {
      return [name, { offsets: new Uint32Array(entries + 1), heap: new Uint8Array(heapBytes) }];
    }),
  ) as unknown as Omit<DictionaryRoom, 'identity'> & { readonly identity: DictionaryRoom['identityDomain'] };
  const domain = codesFor(sizes.identityDomain.entries, sizes.identity.entries);
  return { ...texts, identity: { local: texts.identity, domain } };
}
