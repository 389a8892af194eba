/** Waits of tests that kill things: each ends soon, and one that hung says what it waited for. */

/** Longer than anything here takes on a machine that is busy with other tests. */
const LIMIT_MS = 30_000;

/** What `work` settles with; throws where that takes longer than `limitMs`, naming `what`. */
export async function within<T>(what: string, work: Promise<T>, limitMs = LIMIT_MS): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done after ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
