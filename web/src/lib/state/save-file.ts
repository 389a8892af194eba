/** Hands a file to the user: a download made in the page, so nothing is uploaded to make it. */

/** Saves `bytes` under `name`. The browser asks where, or puts it among the downloads. */
export function saveFile(name: string, mediaType: string, bytes: Uint8Array<ArrayBuffer> | string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
