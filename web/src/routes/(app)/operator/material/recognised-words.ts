/** What a source is, in words; forms by the names of the catalogue. */
import type { Recognised } from '@sealpost/shared/opened/ingest/recognise';
import type { Messages } from '#lib/messages/messages.svelte.ts';

const SEPARATORS: Readonly<Record<string, string>> = {
  colon: ':',
  semicolon: ';',
  pipe: '|',
  comma: ',',
};

/** `url-login-pass/colon` as `url:login:password`; a form without words is shown by its code. */
export function dialectWords(dialect: string, t: Messages): string {
  const [name = '', separator = ''] = dialect.split('/');
  if (name === 'provider') return t.exports.providers[separator] ?? separator;
  const words = t.material.dialects[name] ?? name;
  const sign = SEPARATORS[separator];
  if (separator === 'tab' || separator === 'space') return `${words} (${t.material.options.separators[separator]})`;
  return sign === undefined || sign === ':' ? words : words.replaceAll(':', sign);
}

/** One short line beside the source's name. */
export function recognisedWords(recognised: Recognised | null | undefined, t: Messages): string {
  const words = t.material.options.recognised;
  if (recognised === undefined) return words.looking;
  if (recognised === null) return words.folder;
  switch (recognised.kind) {
    case 'form':
      return words.form(dialectWords(recognised.dialect, t), t.format.percent(recognised.confidence));
    case 'archive':
      return words.archive(recognised.form);
    case 'blocks':
      return words.blocks;
    case 'binary':
      return words.binary;
    case 'unknown':
      return words.unknown;
  }
}
