/** What somebody typed as the key of a witness, judged while it is typed: whose key it is, or what is wrong with it. */
import { encodeNoteKey, parseNoteKey } from '../../sealed/audit/note.ts';

/**
 * `log`: the key of a record, not of who watches one. `mistyped`: it has the parts of a key, but name and key do not belong together,
 * or its end is missing. `other`: something else.
 */
export type WitnessKeyReading =
  | { readonly kind: 'witness'; readonly name: string; readonly key: string }
  | { readonly kind: 'empty' | 'log' | 'mistyped' | 'other' };

/** Reads `name+hash+key` (C2SP signed-note), spaces around it left out. */
export function readWitnessKey(typed: string): WitnessKeyReading {
  const text = typed.trim();
  if (text === '') return { kind: 'empty' };
  const key = parseNoteKey(text);
  if (key !== null) {
    return key.type === 'log' ? { kind: 'log' } : { kind: 'witness', name: key.name, key: encodeNoteKey(key) };
  }
  return { kind: /^[^\s+]+\+[0-9a-f]{8}\+\S+$/i.test(text) ? 'mistyped' : 'other' };
}
