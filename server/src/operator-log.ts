/** What the operator of the server reads: one line of JSON for each event. Lines that come here hold no URL, name, token or body. */
import { destination, pino } from 'pino';

/** Writes to stderr, at once: a process that ends has said why. */
export function openOperatorLog(level: string): (line: string) => void {
  const log = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ dest: 2, sync: true }),
  );
  return (line) => log.warn(line);
}
