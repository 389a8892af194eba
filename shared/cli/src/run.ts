/** Finds the command, runs it, ends with 0 (done), 1 (failed) or 2 (wrong use). The only place that catches. */
import { parseCall } from './args.ts';
import { Failure } from './command.ts';
import { COMMANDS, findCommand } from './commands.ts';
import { toTerminal } from './escape.ts';
import { helpOf, overview } from './help.ts';
import type { Io } from './io.ts';

/** Runs what `args` (without program and script) say; the exit code. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const [first] = args;
  if (first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(`${overview(COMMANDS)}\n`);
    return 0;
  }
  const found = findCommand(args);
  if (found === null) {
    io.say(first === undefined ? 'Say what to do.' : `sealpost: there is no command "${first}"`);
    process.stderr.write(`${overview(COMMANDS)}\n`);
    return 2;
  }
  const { command, rest } = found;
  const call = parseCall(command, rest);
  if (!call.ok) {
    if (call.error.kind === 'help') {
      process.stdout.write(`${helpOf(command)}\n`);
      return 0;
    }
    io.say(`sealpost ${command.name}: ${call.error.sentence} (see sealpost ${command.name} --help)`);
    return 2;
  }
  try {
    await command.run(call.value, io);
    return 0;
  } catch (error) {
    if (error instanceof Failure) {
      io.say(`sealpost ${command.name}: ${error.message}`);
      return error.exitCode;
    }
    // A bug. Its place helps to mend it; its message may hold what must not be shown.
    io.say(`sealpost ${command.name}: this should not have happened (${placeOf(error)}); please report it`);
    return 1;
  }
}

/** Kind of error and the innermost place in our code, e.g. `TypeError at publish.ts:42`. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no error';
  const frame = /([\w-]+\.ts:\d+)/.exec(error.stack ?? '')?.[1];
  return toTerminal(frame === undefined ? error.name : `${error.name} at ${frame}`);
}
