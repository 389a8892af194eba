/** A file or folder that was dropped, with what is recognised of it and what the operator says about it. */
import type { SourceClass } from '@sealpost/shared/opened/finding/finding';
import type { DialectName } from '@sealpost/shared/opened/ingest/dialects/dialect';
import type { ColumnMapping } from '@sealpost/shared/opened/ingest/providers/column-mapping';
import type { RecognisedExport } from '@sealpost/shared/opened/ingest/recognise-export';
import type { Recognised } from '@sealpost/shared/opened/ingest/recognise';
import type { IngestSource, SourceProgress } from '#workers/ingest.api.ts';

/** Forms of lines to choose from, as `choose.ts` names them. */
export const DIALECTS = [
  'url-login-pass',
  'email-pass',
  'user-pass',
  'login-pass-url',
  'pwdump',
] as const satisfies readonly DialectName[];

export class ChosenSource {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly file: File }[];
  readonly sizeBytes: number;
  sourceClass = $state<SourceClass | 'auto'>('auto');
  dialect = $state<DialectName | 'auto'>('auto');
  alias = $state('');
  /** `YYYY-MM-DD`, '' if unknown. */
  captured = $state('');
  published = $state('');
  /** Of archives, one a line. */
  passwords = $state('');
  /** `undefined` until it was looked at, `null` for a folder. */
  recognised = $state.raw<Recognised | null | undefined>(undefined);
  /** Domain that a provider's export is about, '' where it says so itself. */
  domain = $state('');
  /** What the columns hold, by a person's word now or before. */
  columns = $state.raw<ColumnMapping | null>(null);
  /** What a person may have to say of it as an export; `null` until it was looked at. */
  asked = $state.raw<RecognisedExport | null>(null);
  progress = $state.raw<SourceProgress | null>(null);
  startedAtMs = 0;

  constructor(name: string, files: readonly { readonly path: string; readonly file: File }[], alias: string) {
    this.name = name;
    this.files = files;
    this.sizeBytes = files.reduce((sum, { file }) => sum + file.size, 0);
    this.alias = alias;
  }

  /** It holds files that may be locked. */
  get mayBeLocked(): boolean {
    return this.recognised === null || this.recognised?.kind === 'archive';
  }
}

/** What the ingest worker takes of a source. */
export function toIngestSource(source: ChosenSource): IngestSource {
  const { name, files, sourceClass, alias, captured, published, dialect, passwords, columns } = source;
  const domain = source.domain.trim();
  return {
    name,
    files: files.map(({ path, file }) => ({ path, file })),
    options: {
      sourceClass: sourceClass === 'auto' ? null : sourceClass,
      alias: alias.trim(),
      capturedAtMs: dateMs(captured),
      publishedAtMs: dateMs(published),
      ...(dialect === 'auto' ? {} : { dialect }),
      columns,
      domain: domain === '' ? null : domain,
      passwords: passwords.split('\n').filter((line) => line !== ''),
    },
  };
}

function dateMs(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}
