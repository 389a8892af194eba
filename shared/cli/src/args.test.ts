import { describe, expect, test } from 'vitest';
import { parseCall } from './args.ts';
import type { Command } from './command.ts';
import { COMMANDS, findCommand } from './commands.ts';
import { helpOf, overview } from './help.ts';

const command: Command = {
  name: 'approve',
  summary: 'for tests',
  operands: { usage: 'ID', least: 1, most: 1 },
  options: {
    home: { type: 'string', required: true, help: '' },
    org: { type: 'string', help: '' },
    unproven: { type: 'string', multiple: true, help: '' },
    json: { type: 'boolean', help: '' },
  },
  run: () => Promise.resolve(),
};

function read(...args: string[]) {
  const call = parseCall(command, args);
  if (!call.ok) throw new Error(JSON.stringify(call.error));
  return call.value;
}

describe('arguments', () => {
  test('options and operands may stand in any order', () => {
    const call = read('--unproven', 'a.example', 'id1', '--home', 'op', '--unproven=b.example', '--json');
    expect(call.operands).toEqual(['id1']);
    expect(call.must('home')).toBe('op');
    expect(call.texts('unproven')).toEqual(['a.example', 'b.example']);
    expect([call.flag('json'), call.text('org')]).toEqual([true, null]);
  });

  test('ids and values may begin with a dash', () => {
    const id = `-${'x'.repeat(42)}`;
    expect(read(id, '--home', 'op').operands).toEqual([id]);
    expect(read(`--${'A'.repeat(20)}`, '--home', 'op').operands).toEqual([`--${'A'.repeat(20)}`]);
    expect(read('id', '--home', 'op', '--org', '-6aD08LA').text('org')).toBe('-6aD08LA');
  });

  test.each([
    [['id', '--home', 'op', '--jsn'], "unknown option '--jsn'"],
    [['id', '--home'], '--home'],
    [['id', '--home', '--json'], '--home'],
    [['id'], '--home is missing'],
    [['--home', 'op'], 'ID is missing'],
    [['id', 'other', '--home', 'op'], '"other" is one argument too many'],
    [['id', '--home', 'op', '--json=yes'], '--json'],
    [['id\u001b[2J', 'x\u001b[2J', '--home', 'op'], 'x\\u001b[2J'],
  ])('%j is wrong use', (args, part) => {
    const call = parseCall(command, args);
    expect(call.ok).toBe(false);
    const sentence = !call.ok && call.error.kind === 'wrong' ? call.error.sentence : '';
    expect(sentence).toContain(part);
    expect(sentence).not.toMatch(/[\u0000-\u001f]/);
  });

  test('--help is heard even where something is missing', () => {
    expect(parseCall(command, ['--help'])).toEqual({ ok: false, error: { kind: 'help' } });
  });

  test('the longest name of a command wins, and unknown ones are none', () => {
    expect(findCommand(['orgs', 'import', 'a.csv'])).toMatchObject({
      command: { name: 'orgs import' },
      rest: ['a.csv'],
    });
    expect(findCommand(['orgs', '--json'])).toMatchObject({ command: { name: 'orgs' }, rest: ['--json'] });
    expect(findCommand(['keys'])).toBeNull();
    expect(findCommand([])).toBeNull();
  });

  test('every command has a help that names all its options', () => {
    for (const one of COMMANDS) {
      const help = helpOf(one);
      for (const option of Object.keys(one.options)) expect(help).toContain(`--${option}`);
      expect(overview(COMMANDS)).toContain(one.name);
    }
  });
});
