import { expect, it } from 'vitest';
import { encodeNoteKey } from '../../sealed/audit/note.ts';
import { readWitnessKey } from './read-witness-key.ts';

const publicKey = new Uint8Array(32).fill(7);
const key = encodeNoteKey({ name: 'witness.example/w1', type: 'witness', publicKey });

it('a key of a witness is read with its name, spaces around it left out', () => {
  expect(readWitnessKey(` ${key}\n`)).toEqual({ kind: 'witness', name: 'witness.example/w1', key });
});

it('each mistake is told from the others', () => {
  expect(readWitnessKey('  ')).toEqual({ kind: 'empty' });
  expect(readWitnessKey(encodeNoteKey({ name: 'log.example', type: 'log', publicKey }))).toEqual({ kind: 'log' });
  expect(readWitnessKey(key.slice(0, -3))).toEqual({ kind: 'mistyped' });
  expect(readWitnessKey(key.replace('w1', 'w2'))).toEqual({ kind: 'mistyped' });
  expect(readWitnessKey('https://witness.example')).toEqual({ kind: 'other' });
  expect(readWitnessKey('witness.example/w1')).toEqual({ kind: 'other' });
});
