import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import type { WatchList } from '../match/watch.ts';
import { createPlainScanner } from './plain.ts';
import { scanTerms } from './terms.ts';

function watch(domains: readonly string[], keywords: readonly string[] = []): WatchList {
  return {
    organisations: [
      {
        id: 'o',
        name: 'O',
        domains,
        exclude: [],
        keywords: keywords.map((term) => ({ term, scope: 'anywhere' as const })),
      },
    ],
  };
}

function hitLines(list: WatchList, text: string | Uint8Array): string[] {
  const bytes = typeof text === 'string' ? utf8(text) : text;
  const hits: number[] = [];
  createPlainScanner(scanTerms(list)).scan(bytes, 0, bytes.length, 10, hits);
  const lines: string[] = [];
  for (let i = 0; i < hits.length; i += 2) {
    lines.push(new TextDecoder().decode(bytes.subarray(hits[i], hits[i + 1])).replace(/\n$/, ''));
  }
  return lines;
}

/** The slow obvious way: every host-like run by expression, every suffix of it looked up. */
function slowHits(domains: readonly string[], keywords: readonly string[], text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.filter((line) => {
    const lower = line.toLowerCase();
    if (keywords.some((keyword) => keyword.length >= 5 && lower.includes(keyword))) return true;
    const words = lower.split(/[^a-z0-9]+/);
    if (keywords.some((keyword) => keyword.length < 5 && words.includes(keyword))) return true;
    return [...lower.matchAll(/(%?)([a-z0-9._-]+)/g)].some(([, escape, run = '']) => {
      const forms = escape === '%' ? [run, run.slice(2)] : [run];
      return forms.some((form) => {
        const host = form.replace(/\.+$/, '');
        return domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
      });
    });
  });
}

describe('plain scanner', () => {
  test('suffixes match at label borders only', () => {
    const text = [
      'https://sso.moe.example/:a:b',
      'x@MOE.example:b',
      'x@xmoe.example:b',
      'moe.example.org',
      'moe.example',
      'moe.example.:x',
      'a-moe.example',
      'next=nok%40moe.example&x',
      'a.moe',
    ].join('\n');
    expect(hitLines(watch(['moe.example']), text)).toEqual([
      'https://sso.moe.example/:a:b',
      'x@MOE.example:b',
      'moe.example',
      'moe.example.:x',
      'next=nok%40moe.example&x',
    ]);
  });

  test('names of under 8 bytes, and a Thai name in three spellings', () => {
    expect(hitLines(watch(['a.co']), 'x@a.co:1\nx@ba.co:1\nsub.a.co\n')).toEqual(['x@a.co:1', 'sub.a.co']);
    const list = watch(['กระทรวง.ไทย']);
    const punycode = new URL('http://กระทรวง.ไทย').hostname;
    expect(hitLines(list, `x@${punycode}:1\nhttps://mail.กระทรวง.ไทย/:a:b\nx@ทรวง.ไทย:1\n`).length).toBe(2);
    const thai = Uint8Array.from(
      [...'x@กระทรวง.ไทย:1\n'].map((c) => (c < '\x80' ? c.charCodeAt(0) : c.charCodeAt(0) - 0xd60)),
    );
    expect(hitLines(list, thai).length).toBe(1);
  });

  test('long keywords are found anywhere, short ones only as a whole word', () => {
    const list = watch([], ['ministry', 'dlt']);
    const text = 'https://portal.example/OurMinistry/:a:b\nuser_dlt:pw\nadltb:pw\nnothing:pw\ndlt';
    expect(hitLines(list, text)).toEqual(['https://portal.example/OurMinistry/:a:b', 'user_dlt:pw', 'dlt']);
  });

  test('agrees with the slow obvious way on any text', () => {
    const piece = fc.constantFrom(
      'moe',
      'example',
      'dlt',
      'a',
      '.',
      '.',
      '-',
      '@',
      ':',
      '%40',
      '/',
      '\n',
      'ministry',
      'X',
      '_',
      '\r',
    );
    const domains = ['moe.example', 'dlt.example', 'a.moe', 'x.a'];
    const keywords = ['ministry', 'dlt'];
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), fc.boolean(), (pieces, withKeywords) => {
        const text = pieces.join('');
        const terms = withKeywords ? keywords : [];
        expect(hitLines(watch(domains, terms), text)).toEqual(slowHits(domains, terms, text));
      }),
      { numRuns: 3_000 },
    );
  });

  test('without terms nothing is a candidate', () => {
    expect(hitLines(watch([]), 'x@moe.example:1\n')).toEqual([]);
  });
});
