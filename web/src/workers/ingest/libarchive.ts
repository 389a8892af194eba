/** libarchive's WebAssembly for 7z and rar, inside a script of our own: this worker has no network that could fetch it. */

let binary: Promise<Uint8Array> | null = null;

/** Loaded when the first 7z or rar is met; the same array each time. */
export function readLibarchive(): Promise<Uint8Array> {
  binary ??= import('libarchive-wasm/dist/libarchive.wasm?url&inline').then(({ default: url }) => {
    const text = atob(url.slice(url.indexOf(',') + 1));
    return Uint8Array.from(text, (character) => character.charCodeAt(0));
  });
  return binary;
}
