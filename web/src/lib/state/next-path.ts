/** Where to go after unlocking: a path of this app and nothing else, whatever the address bar says. */

/** `path` if it is a path of this app, else `/`. */
export function safeNextPath(path: string | null): string {
  if (!path || !path.startsWith('/') || path.startsWith('//') || path.includes('\\')) return '/';
  if (/^\/(unlock|api)(\/|\?|$)/.test(path)) return '/';
  return /[\u0000-\u001f]/.test(path) ? '/' : path;
}

/** The lock screen, remembering where to return. */
export function unlockPath(from: string): string {
  const next = safeNextPath(from);
  return next === '/' ? '/unlock' : `/unlock?next=${encodeURIComponent(next)}`;
}
