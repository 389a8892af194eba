/** Passphrases of made-up identities, kept for this tab only and shown to whoever tries the demo. Never for real ones. */

const KEY = 'sealpost.demo-passphrases';

function readAll(): Record<string, string> {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
    return typeof stored === 'object' && stored !== null ? (stored as Record<string, string>) : {};
  } catch {
    return {};
  }
}

export function demoPassphrase(identityId: string): string | null {
  const value = readAll()[identityId];
  return typeof value === 'string' ? value : null;
}

export function rememberDemoPassphrase(identityId: string, passphrase: string): void {
  sessionStorage.setItem(KEY, JSON.stringify({ ...readAll(), [identityId]: passphrase }));
}
