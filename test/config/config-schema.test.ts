import { expect, test } from 'vitest';
import { z } from 'zod';
import { configSchema } from '../../src/config/config-schema.ts';
import { isKnownOption, trainOptions } from '../../src/config/train-options.ts';

const schema = z
  .object({
    $schema: z.string(),
    title: z.string(),
    type: z.string(),
    additionalProperties: z.boolean(),
    properties: z.record(z.string(), z.object({ description: z.string(), default: z.unknown().optional() })),
  })
  .parse(configSchema(trainOptions));

test('the schema of a config file allows the options that a config file may hold', () => {
  expect(Object.keys(schema.properties)).toEqual(Object.keys(trainOptions).filter(isKnownOption));
});

test('the schema of a config file allows nothing else', () => {
  expect([schema.type, schema.additionalProperties]).toEqual(['object', false]);
});

test('the schema of a config file reports defaults and what is accepted', () => {
  expect(schema.properties['epochs']).toEqual({
    description: 'passes over the training images; a whole number from 1 to 10,000',
    default: 1,
  });
});
