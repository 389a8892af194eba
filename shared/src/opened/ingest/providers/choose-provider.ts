/** Whose export a leaf is, from its first lines. */
import { registrableDomain, parseDomainName } from '../../../base/domain-name.ts';
import type { SourceClass } from '../../finding/finding.ts';
import type { WatchList } from '../../match/watch.ts';
import type { DumpForm } from '../dump/span-machine.ts';
import type { ColumnMapping } from './column-mapping.ts';
import { mappedForm } from './column-mapping.ts';
import { flareCredentials, flareIdentities, flareStealerLogs } from './flare.ts';
import { hibpExport, hibpForm } from './hibp.ts';
import { hudsonRock } from './hudson-rock.ts';
import { intelmq } from './intelmq.ts';
import { misp } from './misp.ts';
import type { ProviderContext } from './provider.ts';
import { csvProviderForm, jsonProviderForm } from './provider.ts';
import { shadowserverAccounts, shadowserverWebsites } from './shadowserver.ts';
import { spycloud } from './spycloud.ts';

const BY_JSON = [spycloud, hudsonRock, flareCredentials, flareIdentities, flareStealerLogs, misp, hibpExport, intelmq];
const BY_CSV = [spycloud, intelmq, shadowserverAccounts, shadowserverWebsites];

export interface ProviderOptions extends ProviderContext {
  /** A person's word on what the columns are goes before any recognition. */
  readonly columns: ColumnMapping | null;
  readonly sourceClass: SourceClass | null;
}

/** The form of a known provider's export, `null` for anything else. `lines` of the sample. */
export function chooseProvider(lines: readonly string[], options: ProviderOptions): DumpForm | null {
  if (options.columns !== null) {
    const mapped = mappedForm(lines, options.columns, options, options.sourceClass);
    if (mapped !== null) return mapped;
  }
  const sample = lines.join('\n');
  for (const provider of BY_JSON) {
    const form = jsonProviderForm(provider, sample, options);
    if (form !== null) return form;
  }
  for (const provider of BY_CSV) {
    const form = csvProviderForm(provider, lines, options);
    if (form !== null) return form;
  }
  return hibpForm(sample, options);
}

/** Words that such files have before their domain. */
const BEFORE_DOMAIN =
  /^(?:hibp|haveibeenpwned|breacheddomain|breaches|stealerlogs?|stealerlogsby(?:email|website)domain|domain|export)[-_]+/i;

/** The domain that a file's name tells: a watched one where there is one, else what looks like a registered name. */
export function domainOfName(path: string, watch: WatchList | null): string | null {
  const name = path
    .slice(path.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/\.(?:json|csv|txt)$/, '');
  let best: string | null = null;
  for (const { domains } of watch?.organisations ?? []) {
    for (const domain of domains) {
      const watched = parseDomainName(domain);
      if (watched !== null && watched.length > (best?.length ?? 0) && standsIn(name, watched)) best = watched;
    }
  }
  if (best !== null) return best;
  let plain = name;
  while (BEFORE_DOMAIN.test(plain)) plain = plain.replace(BEFORE_DOMAIN, '');
  for (const word of plain.split(/[^\p{L}\p{N}.-]+/u)) {
    const domain = word.includes('.') ? parseDomainName(word) : null;
    if (domain !== null && registrableDomain(domain) !== null) return domain;
  }
  return null;
}

/** At borders: `moe.example` in `hibp_moe.example_2026`, not in `somoe.example`. */
function standsIn(name: string, domain: string): boolean {
  const at = name.indexOf(domain);
  if (at < 0) return false;
  const [before, behind] = [name[at - 1] ?? '', name[at + domain.length] ?? ''];
  return !/[a-z0-9.]/.test(before) && !/[a-z0-9]/.test(behind);
}
