/** `.github/asvs.json` answers every requirement of levels 1 and 2, once, and names tests that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ASVS_LEVELS } from './asvs-levels.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** The published list, beside the repository, where it lies there. */
const PUBLISHED = resolve(ROOT, '../shared/vectors/asvs5.json');

const KINDS = ['test', 'reason', 'does-not-apply', 'not-met'] as const;

interface Answer {
  readonly id: string;
  /** What the requirement is about, in a few words. */
  readonly about: string;
  readonly answer: (typeof KINDS)[number];
  readonly why?: string;
  readonly tests?: readonly { readonly file: string; readonly name: string }[];
}

const { answers } = JSON.parse(readFileSync(resolve(ROOT, '.github/asvs.json'), 'utf8')) as {
  readonly answers: readonly Answer[];
};

const required = Object.entries(ASVS_LEVELS).flatMap(([section, levels]) =>
  [...levels].flatMap((level, at) => (level === '3' ? [] : [`${section}.${at + 1}`])),
);

describe('the answers to the verification standard', () => {
  it('are one for each requirement of levels 1 and 2, in its order', () => {
    expect(answers.map(({ id }) => id)).toEqual(required);
    expect(required).toHaveLength(253);
    const known = answers.filter(({ answer, about }) => KINDS.includes(answer) && about.length >= 4);
    expect(known).toHaveLength(answers.length);
  });

  it('by tests name one, all others say why', () => {
    const empty = answers.filter(({ answer, tests = [], why = '' }) =>
      answer === 'test' ? tests.length === 0 : why === '',
    );
    expect(empty).toEqual([]);
    const unsaid = answers.filter(({ answer, why = '' }) => answer === 'not-met' && !why.includes('Needed'));
    expect(unsaid).toEqual([]);
  });

  it('name tests that exist and are not skipped', () => {
    const sources = new Map<string, string>();
    const missing: string[] = [];
    for (const { id, tests = [] } of answers) {
      for (const { file, name } of tests) {
        const path = resolve(ROOT, file);
        if (!sources.has(file)) sources.set(file, existsSync(path) ? readFileSync(path, 'utf8') : '');
        if (!hasTest(sources.get(file) ?? '', name)) missing.push(`${id}: ${file} > ${name}`);
      }
    }
    expect(missing).toEqual([]);
  });
});

/** True if `source` calls `it` or `test`, or one of their tables, with this name. */
function hasTest(source: string, name: string): boolean {
  const starts = ["'", '"', '`'].map((quote) => source.indexOf(quote + name + quote)).filter((at) => at >= 0);
  return starts.some((at) => {
    const before = source.slice(Math.max(0, at - 4000), at).trimEnd();
    if (!before.endsWith('(')) return false;
    // of a table `it.each([…])(`: the call that its list belongs to
    const calls = [...before.matchAll(/\b(it|test|describe)((?:\.\w+)*)\s*\(/g)];
    const [, kind, modifiers = ''] = calls.at(-1) ?? [];
    return (kind === 'it' || kind === 'test') && !/\.(skip|todo|step)/.test(modifiers);
  });
}

it('a name that no test has is not found, nor that of a group or a skipped test', () => {
  const source = `describe('a group', () => { it('one', () => 1); it.skip('two', () => 2); it.each([1])('three %s', f); });`;
  expect(['one', 'three %s', 'two', 'a group', 'four', 'on'].map((name) => hasTest(source, name))).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

describe.skipIf(!existsSync(PUBLISHED))('the published list', () => {
  it('has the same requirements and levels', () => {
    const published = JSON.parse(readFileSync(PUBLISHED, 'utf8')) as readonly { id: string; l: number }[];
    const levels: Record<string, string> = {};
    for (const { id, l } of published) {
      const [chapter, section, number] = id.split('.');
      const key = `${chapter}.${section}`;
      expect(Number(number)).toBe((levels[key] ?? '').length + 1);
      levels[key] = (levels[key] ?? '') + String(l);
    }
    expect(levels).toEqual(ASVS_LEVELS);
  });
});
