/** Can this browser make keys that never leave it? Asked before anyone types. */

export type BrowserCheck = { readonly ok: true } | { readonly ok: false; readonly missing: readonly string[] };

/** Makes throw-away X25519 and Ed25519 keys that cannot be exported, and looks for what the vault needs. */
export async function checkBrowser(): Promise<BrowserCheck> {
  const missing: string[] = [];
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle) missing.push('HTTPS');
  else {
    if (!(await canGenerate('X25519', ['deriveBits']))) missing.push('X25519');
    if (!(await canGenerate('Ed25519', ['sign', 'verify']))) missing.push('Ed25519');
  }
  if (!('locks' in navigator)) missing.push('Web Locks');
  if (!('indexedDB' in globalThis)) missing.push('IndexedDB');
  if (!('DecompressionStream' in globalThis)) missing.push('Compression Streams');
  return missing.length === 0 ? { ok: true } : { ok: false, missing };
}

async function canGenerate(name: string, usages: readonly KeyUsage[]): Promise<boolean> {
  try {
    await crypto.subtle.generateKey({ name }, false, [...usages]);
    return true;
  } catch {
    return false;
  }
}
