import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { resolveOptions } from '../../../src/config/resolve.ts';
import { trainOptions } from '../../../src/config/train-options.ts';
import { restoreArchitecture } from '../../../src/model/architecture-file.ts';
import { asOptionSource, readRunConfig } from '../../../src/run/run-config.ts';
import { createScratchFile } from '../scratch-file.ts';
import type { Target } from '../target.ts';
import { jsonMutation } from '../text-mutations.ts';

const scratch = createScratchFile('config.json');

/** A run's stored `config.json`, its options and its network. */
export const runConfigTarget: Target = {
  name: 'run-config',
  seeds: () => {
    const file = fileURLToPath(new URL('../../golden/config-v1.json', import.meta.url));
    const config = JSON.parse(fs.readFileSync(file, 'utf8')) as object; // our own golden file
    const architecture = {
      name: 'own',
      pixels: [0, 1],
      validation: 0,
      layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }],
    };
    return [config, { ...config, architecture }, { format: 2 }].map((each) =>
      Buffer.from(JSON.stringify(each)),
    );
  },
  run: (bytes) => {
    scratch.fill(bytes);
    const config = readRunConfig(scratch.folder);
    const file = asOptionSource(scratch.folder, config, trainOptions);
    resolveOptions(trainOptions, { flags: {}, environment: {}, file });
    if (config.architecture !== undefined) restoreArchitecture(config.architecture);
  },
  errors: ['E_MODEL_FORMAT', 'E_MODEL_VERSION', 'E_CONFIG'],
  scripts: [
    'src/run/run-config.ts',
    'src/config/resolve.ts',
    'src/config/options.ts',
    'src/config/train-options.ts',
  ],
  mutations: [jsonMutation, jsonMutation, jsonMutation],
};
