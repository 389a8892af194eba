import * as v from 'valibot';
import { expect, it } from 'vitest';
import * as bodies from '@sealpost/shared/sealed/wire/bodies';
import { toJsonSchema } from './json-schema.ts';

it('describes types, bounds and what may be left out, and nothing of what JSON Schema cannot say', () => {
  const schema = v.strictObject({
    id: v.pipe(
      v.string(),
      v.length(43),
      v.check((text) => text !== '', 'hash'),
    ),
    at: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(9)),
    items: v.optional(v.pipe(v.array(v.nullable(v.picklist(['a', 'b']))), v.minLength(1), v.maxLength(3))),
    head: v.strictTuple([v.pipe(v.number(), v.safeInteger()), v.string()]),
    feeds: v.record(v.pipe(v.string(), v.maxLength(22)), v.boolean()),
  });
  expect(toJsonSchema(schema)).toEqual({
    type: 'object',
    properties: {
      id: { type: 'string', minLength: 43, maxLength: 43 },
      at: { type: 'integer', minimum: 1, maximum: 9 },
      items: { type: 'array', items: { anyOf: [{ enum: ['a', 'b'] }, { type: 'null' }] }, minItems: 1, maxItems: 3 },
      head: { type: 'array', prefixItems: [{ type: 'integer' }, { type: 'string' }], items: false, minItems: 2 },
      feeds: {
        type: 'object',
        propertyNames: { type: 'string', maxLength: 22 },
        additionalProperties: { type: 'boolean' },
      },
    },
    required: ['id', 'at', 'head', 'feeds'],
    additionalProperties: false,
  });
  expect(toJsonSchema(v.looseObject({ a: v.literal(1) }))).toEqual({
    type: 'object',
    properties: { a: { const: 1 } },
    required: ['a'],
  });
});

it('knows every kind of schema that bodies are made of, and refuses one that nobody taught it', () => {
  for (const schema of Object.values(bodies)) expect(toJsonSchema(schema)).toMatchObject({ type: 'object' });
  expect(() => toJsonSchema(v.bigint())).toThrow('not known');
  expect(() => toJsonSchema(v.pipe(v.string(), v.email()))).toThrow('not known');
});
