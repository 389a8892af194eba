/** Where a passphrase comes from: a file, the environment, or a person at a terminal, who does not see it typed. */
import { readFile } from 'node:fs/promises';
import type { Call } from './command.ts';
import { Failure } from './command.ts';
import type { Io } from './io.ts';

const MAX_BYTES = 4096;

/** Nobody is asked twice in one call. */
const typedByCall = new WeakMap<Call, string>();

/** The passphrase of this call; `twice` asks a person to repeat it. */
export async function readPassphrase(call: Call, io: Io, twice = false): Promise<string> {
  const file = call.text('passphrase-file');
  if (file !== null) return readPassphraseFile(io.path(file), file);
  const given = io.environment['SEALPOST_PASSPHRASE'];
  if (given !== undefined && given !== '') return given;
  if (!process.stdin.isTTY) {
    throw new Failure('no passphrase: give --passphrase-file, set SEALPOST_PASSPHRASE, or call it from a terminal', 2);
  }
  const known = typedByCall.get(call);
  if (known !== undefined) return known;
  const typed = await ask('Passphrase: ');
  if (twice && (await ask('Once more: ')) !== typed) throw new Failure('the two passphrases differ');
  typedByCall.set(call, typed);
  return typed;
}

/** The first line of a file. */
export async function readPassphraseFile(path: string, shown: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch {
    throw new Failure(`the passphrase file ${shown} cannot be read`);
  }
  const text = bytes
    .subarray(0, MAX_BYTES)
    .toString('utf8')
    .replace(/^\ufeff/, '');
  const line = text.split(/\r?\n/)[0] ?? '';
  if (line === '') throw new Failure(`the passphrase file ${shown} is empty`);
  return line;
}

function ask(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = () => {
      stdin.setRawMode(false);
      stdin.pause();
      stdin.off('data', read);
      stderr.write('\n');
    };
    const read = (chunk: string) => {
      for (const character of chunk) {
        if (character === '\r' || character === '\n') {
          end();
          resolve(typed);
          return;
        }
        if (character === '\u0003' || character === '\u0004') {
          end();
          reject(new Failure('no passphrase was given'));
          return;
        }
        if (character === '\u007f' || character === '\b') typed = [...typed].slice(0, -1).join('');
        else if (character >= ' ') typed += character;
      }
    };
    stdin.on('data', read);
  });
}
