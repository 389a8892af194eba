/** The one sentence under a finding's name: level, what leaked, for what, and how long ago. No leaked text in it. */
import type { Finding } from '@sealpost/shared/opened/finding/finding';
import type { Messages } from '#lib/messages/messages.svelte.ts';

export function whySentence(t: Messages, finding: Finding, nowMs: number): string {
  const words = t.findings.drawer.sentence;
  const leakedAtMs = finding.capturedAtMs ?? finding.publishedAtMs;
  const place =
    finding.context === 'none' ? words.noSite : words.at(words.opens[finding.pathClass] ?? finding.pathClass);
  const age =
    leakedAtMs === null
      ? words.undated
      : (finding.capturedAtMs === null ? words.published : words.captured)(t.format.relative(leakedAtMs, nowMs));
  return `${words.level(t.terms.level[finding.level])}${words.source[finding.sourceClass] ?? ''}${place}${age}.`.replace(
    /\.$/,
    t.language === 'th' ? '' : '.',
  );
}
