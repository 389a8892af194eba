/** Where the API is: beside the app, or where the host of the app says. Asked when a CERT is set up; from then on it stands in the vault. */
import { parseAppConfig } from '@sealpost/shared/sealed/wire/app-config';
import { APP_CONFIG_PATH } from '@sealpost/shared/sealed/wire/paths';

/** The API's origin. A host that says nothing, or nothing readable, has it beside the app; what is not there then says so itself. */
export async function apiOrigin(): Promise<string> {
  try {
    const answer = await fetch(APP_CONFIG_PATH, { cache: 'no-store', credentials: 'omit', redirect: 'error' });
    const config = answer.ok ? parseAppConfig(await answer.text()) : null;
    return config?.api ?? location.origin;
  } catch {
    return location.origin; // no network
  }
}
