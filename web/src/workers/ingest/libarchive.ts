/** libarchive's WebAssembly, embedded: this worker has no network to fetch it by. Its own chunk, loaded for the first 7z or rar. */

export async function libarchive(): Promise<Uint8Array> {
  const { default: url } = await import('libarchive.js/dist/libarchive.wasm?inline');
  // A `data:` URL of base64; `atob` because the policy forbids fetching one.
  const text = atob(url.slice(url.indexOf(',') + 1));
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
