import type { OptionTable } from './options.ts';
import { isKnownOption } from './train-options.ts';

/** The JSON Schema of a config file, out of the option table of `train`. */
export function configSchema(options: OptionTable): object {
  const properties = Object.entries(options)
    .filter(([key]) => isKnownOption(key))
    .map(([key, option]) => [
      key,
      {
        description: `${option.description}; ${option.accepted}`,
        ...(option.default === undefined ? {} : { default: option.default }),
        type: ['string', 'number', 'boolean', 'array'],
      },
    ]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'mnist-cnn.config',
    type: 'object',
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
}
