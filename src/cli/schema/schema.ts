import { choice } from '../../config/options.ts';
import { trainFlags } from '../architecture-source.ts';
import { defineCommand } from '../command.ts';

/** `mnist-cnn schema`: prints the JSON Schema of a log line, or of the config file. */
export const schema = defineCommand({
  name: 'schema',
  examples: [
    ['mnist-cnn schema', 'of a line of log.jsonl'],
    ['mnist-cnn schema --of config', 'of mnist-cnn.config.json'],
  ],
  options: {
    of: choice({ default: 'log', choices: ['log', 'config'], description: 'what the schema is of' }),
  },
  run: async ({ options, output }) => {
    if (options.of === 'config') {
      const { configSchema } = await import('../../config/config-schema.ts');
      return output.result(JSON.stringify(configSchema(trainFlags), undefined, 2));
    }
    const [{ z }, { logLineSchema }] = [await import('zod'), await import('../../run/log-schema.ts')];
    output.result(JSON.stringify(z.toJSONSchema(logLineSchema), undefined, 2));
  },
});
