/** Texts of a dictionary that contain what is looked for: a pass over its heap, never over rows. */
import { utf8 } from '../../../base/bytes.ts';
import type { Bytes } from '../../../base/bytes.ts';
import type { Columns, DictionaryName } from './columns.ts';

/** Codes that are listed beside their marks. */
const MAX_LISTED = 16;
const AT = 0x40;

export interface FoundTexts {
  /** Address of one byte a code: 1 where the text contains the needle. */
  readonly marks: number;
  /** The codes; `null` where they are many. */
  readonly codes: readonly number[] | null;
}

export class TextSearch {
  readonly #columns: Columns;

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  /** Calls `use` if any text contains `needle` (folded, not empty). Marks are gone afterwards. */
  find(name: DictionaryName, needle: string, use: (found: FoundTexts) => void): void {
    const { memory, texts } = this.#columns;
    const { count } = texts[name];
    const bytes = utf8(needle);
    memory.lend([count, bytes.length, MAX_LISTED * 4], (marks, needleAt, list) => {
      memory.u8.fill(0, marks, marks + count);
      memory.u8.set(bytes, needleAt);
      const own = this.#columns.kernels.findTexts(
        texts[name].description,
        needleAt,
        bytes.length,
        marks,
        list,
        MAX_LISTED,
      );
      const withDomains = name === 'identity' ? this.#markDomains(bytes, needleAt, marks) : 0;
      if (own + withDomains === 0) return;
      const isListed = withDomains === 0 && own <= MAX_LISTED;
      use({ marks, codes: isListed ? [...memory.u32.subarray(list >> 2, (list >> 2) + own)] : null });
    });
  }

  /** Identities whose domain contains the needle, and those in which it stands across the '@'. Answers how many were not marked yet. */
  #markDomains(needle: Bytes, needleAt: number, marks: number): number {
    const { memory, texts, kernels } = this.#columns;
    const domains = texts.identityDomain;
    const { count } = domains;
    if (count === 1) return 0;
    let found = 0;
    memory.lend([count], (domainMarks) => {
      memory.u8.fill(0, domainMarks, domainMarks + count);
      const hits = kernels.findTexts(domains.description, needleAt, needle.length, domainMarks, 0, 0);
      if (hits > 0) found += kernels.markByDomain(texts.identity.description, domainMarks, marks);
      for (let at = needle.indexOf(AT); at >= 0; at = needle.indexOf(AT, at + 1)) {
        this.#markDomainsFrom(needleAt + at + 1, needle.length - at - 1, domainMarks, count);
        found += kernels.markAcross(texts.identity.description, needleAt, at, domainMarks, marks);
      }
    });
    return found;
  }

  /** Domains that begin with these bytes; there may be none, with which all begin. */
  #markDomainsFrom(start: number, size: number, domainMarks: number, count: number): void {
    const { memory, texts, kernels } = this.#columns;
    memory.u8.fill(1, domainMarks, domainMarks + count);
    // There is no domain 0.
    memory.u8[domainMarks] = 0;
    kernels.markBeginnings(texts.identityDomain.description, start, size, domainMarks);
    for (let code = 0; code < count; code++) {
      memory.u8[domainMarks + code] = memory.u8[domainMarks + code] === 2 ? 1 : 0;
    }
  }
}
