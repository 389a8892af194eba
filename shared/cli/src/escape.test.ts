import { describe, expect, test } from 'vitest';
import { toJsonLine, toTerminal } from './escape.ts';

const HOSTILE = 'a\u001b]0;owned\u0007\u009b2J\u202egpj.exe\u2066\u200f\n\r\t\u007fé ไทย';
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

describe('text on its way to a terminal', () => {
  test('control and bidi characters are shown, not sent', () => {
    expect(toTerminal(HOSTILE)).not.toMatch(unsafe);
    expect(toTerminal(HOSTILE)).toContain('\\u001b]0;owned\\u0007');
    expect(toTerminal(HOSTILE)).toContain('\\u202egpj.exe');
  });

  test('ordinary text of any language stays as it is', () => {
    expect(toTerminal('กรมตัวอย่าง — naïve “text” 😀')).toBe('กรมตัวอย่าง — naïve “text” 😀');
  });

  test('a JSON line holds the same value and nothing that acts', () => {
    const line = toJsonLine({ login: HOSTILE });
    expect(line).not.toMatch(unsafe);
    expect(JSON.parse(line)).toEqual({ login: HOSTILE });
  });
});
