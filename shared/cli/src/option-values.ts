/** Values of options: numbers, lists, days, people. A wrong one is wrong use (exit 2). */
import type { Contact } from '@sealpost/shared/opened/client/api/organisations';
import type { ColumnMapping } from '@sealpost/shared/opened/ingest/providers/column-mapping';
import type { MappedRole } from '@sealpost/shared/opened/ingest/record';
import { MAPPED_ROLES } from '@sealpost/shared/opened/ingest/record';
import { Failure } from './command.ts';

/** A whole number from 0 to `most`. */
export function parseCount(name: string, text: string, most: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw new Failure(`--${name} is a whole number up to ${most}`, 2);
  return value;
}

/** Parts between commas or spaces, without empty ones. */
export function parseList(text: string): readonly string[] {
  return text.split(/[\s,;]+/u).filter((part) => part !== '');
}

/** `text` if it is one of `words`, `fallback` if the option was not given. */
export function parseWord<T extends string>(name: string, text: string | null, words: readonly T[], fallback: T): T {
  if (text === null) return fallback;
  if (!(words as readonly string[]).includes(text)) throw new Failure(`--${name} is one of ${words.join(', ')}`, 2);
  return text as T;
}

/** `2026-11-22`, or with a time as ISO 8601 says; UTC where it names no zone. Milliseconds. */
export function parseTime(name: string, text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/.test(text)
    ? Date.parse(/T[\d:.]+$/.test(text) ? `${text}Z` : text)
    : Number.NaN;
  if (!(ms >= 0)) throw new Failure(`--${name} is a date such as 2026-11-22`, 2);
  return ms;
}

/** `login=User name,password=Secret`: what the columns of a CSV hold, by the names in its header. */
export function parseColumns(name: string, text: string): ColumnMapping {
  const mapping: Partial<Record<MappedRole, string>> = {};
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    const role = MAPPED_ROLES.find((word) => word === part.slice(0, at).trim());
    const column = part.slice(at + 1).trim();
    if (at < 0 || role === undefined || column === '')
      throw new Failure(`--${name} is written role=column,…; roles: ${MAPPED_ROLES.join(', ')}`, 2);
    mapping[role] = column;
  }
  if (mapping.email === undefined && mapping.login === undefined && mapping.url === undefined)
    throw new Failure(`--${name} says at least where email, login or url stands`, 2);
  return mapping;
}

/** `Duty officer <soc@moe.example>`, or an address alone. */
export function parseContact(
  name: string,
  text: string,
  rest: Pick<Contact, 'position' | 'phone' | 'language'>,
): Contact {
  const parts = /^\s*(?:([^<>]*?)\s*<\s*([^<>\s]+@[^<>\s]+)\s*>|([^<>\s]+@[^<>\s]+))\s*$/u.exec(text);
  const email = parts?.[2] ?? parts?.[3];
  if (email === undefined) throw new Failure(`--${name} is written "Name <mail@organisation.example>"`, 2);
  return { name: parts?.[1] || email, email, ...rest };
}
