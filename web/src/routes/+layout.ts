/** The whole app runs in the browser: nothing is rendered on a server, because a server may read nothing. */
import { loadMessages } from '#lib/messages/messages.svelte.ts';
import { rememberedLanguage } from '#lib/state/preferences.ts';

export const ssr = false;
export const prerender = false;

/** Words come before the first paint, one language at a time. */
export async function load() {
  const language = rememberedLanguage();
  return { language, catalogue: await loadMessages(language) };
}
