/** JSON bodies: the strict reader, then the schema. One refusal for all that can be wrong. */
import * as v from 'valibot';
import { parseStrictJsonBytes } from '@sealpost/shared/base/strict-json';
import { MAX_JSON_BODY_BYTES } from '@sealpost/shared/sealed/wire/limits';

/** The body's value, or `null` if it is not exactly what `schema` says. */
export function parseJsonBody<Schema extends v.GenericSchema>(
  schema: Schema,
  body: Uint8Array,
): v.InferOutput<Schema> | null {
  const json = parseStrictJsonBytes(body, MAX_JSON_BODY_BYTES);
  if (!json.ok) return null;
  const parsed = v.safeParse(schema, json.value);
  return parsed.success ? parsed.output : null;
}

/** A whole number of a query or path, or `null`. */
export function parseCount(text: string | undefined): number | null {
  if (text === undefined || !/^(0|[1-9]\d{0,14})$/.test(text)) return null;
  return Number(text);
}
