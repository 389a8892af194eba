/** Endings that many domains share, as filters: `go.th`, `th`, `com`. */

const MOST = 6;
/** Ministries, universities and firms stand under these: the second level says more than `th` alone. */
const SECOND_LEVELS = /^(?:ac|co|go|in|mi|net|or)\.th$/;

/** The commonest endings, most first; `.th` names count under both of theirs. */
export function endingsOf(domains: readonly string[]): readonly { readonly name: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const domain of domains) {
    const labels = domain.split('.');
    const second = labels.slice(-2).join('.');
    for (const name of SECOND_LEVELS.test(second) ? ['th', second] : [labels.at(-1) ?? '']) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
    .slice(0, MOST);
}

export function hasEnding(domain: string, ending: string): boolean {
  return domain.endsWith(`.${ending}`);
}
