/**
 * Watch terms as byte strings: what a line must hold to be worth parsing. Wider than the exact match but for spellings that no leak
 * uses: full-width or decomposed letters in a host, capitals outside ASCII.
 */
import { utf8 } from '../../base/bytes.ts';
import { domainToUnicode, parseDomainName } from '../../base/domain-name.ts';
import type { WatchList } from '../match/watch.ts';

export interface ScanTerms {
  /** Lower-case names, matched by suffix at label borders: punycode, UTF-8 and, for Thai names, Windows-874. */
  readonly domains: readonly Uint8Array[];
  /** Lower-case keywords of 5 bytes or more, found anywhere. */
  readonly keywords: readonly Uint8Array[];
  /** Shorter ones, found only as a whole run of letters and digits. */
  readonly words: readonly Uint8Array[];
}

const SHORTEST_ANYWHERE = 5;

/** All terms of all organisations; exclusions and scopes are left to the exact match. */
export function scanTerms(watch: WatchList): ScanTerms {
  const domains = new Map<string, Uint8Array>();
  const keywords = new Map<string, Uint8Array>();
  const words = new Map<string, Uint8Array>();
  for (const org of watch.organisations) {
    for (const domain of org.domains) {
      const name = parseDomainName(domain);
      if (name === null) continue;
      for (const form of byteForms(name, domainToUnicode(name))) domains.set(form.key, form.bytes);
    }
    for (const { term } of org.keywords) {
      const text = term.trim().toLowerCase();
      if (text === '') continue;
      for (const form of byteForms(text, text.normalize('NFC'))) {
        (form.bytes.length >= SHORTEST_ANYWHERE ? keywords : words).set(form.key, form.bytes);
      }
    }
  }
  return { domains: [...domains.values()], keywords: [...keywords.values()], words: [...words.values()] };
}

function byteForms(...texts: readonly string[]): readonly { key: string; bytes: Uint8Array }[] {
  const forms: { key: string; bytes: Uint8Array }[] = [];
  for (const text of texts) {
    forms.push({ key: `u${text}`, bytes: utf8(text) });
    const thai = toWindows874(text);
    if (thai !== null) forms.push({ key: `t${text}`, bytes: thai });
  }
  return forms;
}

/** Windows-874 bytes of a text with Thai letters, `null` if it has none or others. */
function toWindows874(text: string): Uint8Array | null {
  let isThai = false;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) bytes[i] = code;
    else if (code >= 0x0e01 && code <= 0x0e5b) {
      bytes[i] = code - 0x0e01 + 0xa1;
      isThai = true;
    } else return null;
  }
  return isThai ? bytes : null;
}
