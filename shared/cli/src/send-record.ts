/** After a command that talked to the server anyway: this device's audit entries go out, too. */
import { errorText } from './error-text.ts';
import type { Home } from './home.ts';
import type { Io } from './io.ts';

/** Uploads what waits. A failure is a remark: entries wait in the home until they are accepted. */
export async function sendRecord({ session }: Pick<Home, 'session'>, io: Io): Promise<void> {
  const sent = await session.audit.upload();
  if (!sent.ok) io.say(`the audit entries are not sent yet: ${errorText(sent.error)}`);
}
