/**
 * A body's schema as JSON Schema (2020-12), for the description of the API: read out of the same object that bodies are checked with, so
 * the two cannot differ. What JSON Schema has no words for (canonical base64url, points on a curve) is left out: the description is
 * wider than the check, never narrower. A kind of schema that is not known here throws: it has to be taught.
 */
import type { GenericSchema } from 'valibot';
import type { JsonObject, JsonValue } from '@sealpost/shared/base/strict-json';

/** What is read of a schema (valibot documents these fields as public). */
interface Node {
  readonly kind: 'schema' | 'validation' | 'transformation';
  readonly type: string;
  readonly pipe?: readonly Node[];
  readonly entries?: Readonly<Record<string, Node>>;
  readonly item?: Node;
  readonly items?: readonly Node[];
  readonly key?: Node;
  readonly value?: Node;
  readonly wrapped?: Node;
  readonly options?: readonly (Node | string)[];
  readonly literal?: string | number | boolean;
  readonly requirement?: unknown;
}

/** What a client may send, or is answered, before anything is transformed. Throws on what it does not know. */
export function toJsonSchema(schema: GenericSchema): JsonObject {
  return describe(schema as unknown as Node);
}

function describe(node: Node): JsonObject {
  if (node.pipe === undefined) return describeType(node);
  const [first, ...rest] = node.pipe;
  let described = first === undefined ? {} : describe(first);
  for (const action of rest) described = { ...described, ...describeAction(action, described) };
  return described;
}

function describeType(node: Node): JsonObject {
  switch (node.type) {
    case 'string':
    case 'number':
    case 'boolean':
      return { type: node.type };
    case 'literal':
      return { const: node.literal ?? null };
    case 'picklist':
      return { enum: (node.options ?? []).filter((option) => typeof option === 'string') };
    case 'nullable':
      return { anyOf: [describe(known(node.wrapped)), { type: 'null' }] };
    case 'optional':
    case 'exact_optional':
      return describe(known(node.wrapped));
    case 'array':
      return { type: 'array', items: describe(known(node.item)) };
    case 'strict_tuple': {
      const items = (node.items ?? []).map(describe);
      return { type: 'array', prefixItems: items, items: false, minItems: items.length };
    }
    case 'record':
      return {
        type: 'object',
        propertyNames: describe(known(node.key)),
        additionalProperties: describe(known(node.value)),
      };
    case 'object':
    case 'loose_object':
    case 'strict_object':
      return describeObject(known(node.entries), node.type === 'strict_object');
    default:
      throw new TypeError(`toJsonSchema: ${node.type} is not known`);
  }
}

function describeObject(entries: Readonly<Record<string, Node>>, isStrict: boolean): JsonObject {
  const isNeeded = ({ type }: Node): boolean => type !== 'optional' && type !== 'exact_optional';
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, describe(entry)])),
    required: Object.entries(entries).flatMap(([name, entry]) => (isNeeded(entry) ? [name] : [])),
    ...(isStrict ? { additionalProperties: false } : {}),
  };
}

function describeAction({ kind, type, requirement }: Node, of: JsonObject): JsonObject {
  const isList = of['type'] === 'array';
  switch (type) {
    case 'integer':
    case 'safe_integer':
      return { type: 'integer' };
    case 'min_value':
      return { minimum: numberOf(requirement) };
    case 'max_value':
      return { maximum: numberOf(requirement) };
    case 'min_length':
      return isList ? { minItems: numberOf(requirement) } : { minLength: numberOf(requirement) };
    case 'max_length':
      return isList ? { maxItems: numberOf(requirement) } : { maxLength: numberOf(requirement) };
    case 'length':
      return { minLength: numberOf(requirement), maxLength: numberOf(requirement) };
    case 'regex':
      if (!(requirement instanceof RegExp)) throw new TypeError('toJsonSchema: a regex without one');
      return { pattern: requirement.source } satisfies Record<string, JsonValue>;
    case 'check':
    case 'starts_with':
      return {};
    default:
      if (kind === 'transformation') return {};
      throw new TypeError(`toJsonSchema: the check ${type} is not known`);
  }
}

function known<T>(part: T | undefined): T {
  if (part === undefined) throw new TypeError('toJsonSchema: a schema without its part');
  return part;
}

function numberOf(requirement: unknown): number {
  if (typeof requirement !== 'number') throw new TypeError('toJsonSchema: a bound that is no number');
  return requirement;
}
