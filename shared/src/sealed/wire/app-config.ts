import { isJsonObject, parseStrictJson } from '../../base/strict-json.ts';

/** What the host of the app tells it (`APP_CONFIG_PATH`): the one thing that no build can know. */

/** `api`: origin of the API; `null`: the app's own. */
export interface AppConfig {
  readonly api: string | null;
}

const MAX_CHARACTERS = 1024;

/** Reads one; `null` for anything but `{"api": origin or null}`, the origin in its one spelling. */
export function parseAppConfig(text: string): AppConfig | null {
  const json = parseStrictJson(text, MAX_CHARACTERS);
  if (!json.ok || !isJsonObject(json.value)) return null;
  const { api, ...rest } = json.value;
  if (Object.keys(rest).length > 0) return null;
  if (api === null) return { api };
  const url = typeof api === 'string' ? URL.parse(api) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === api ? { api: url.origin } : null;
}
