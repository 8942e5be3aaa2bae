import { loadConfigFile } from '../../../src/config/config-file.ts';
import { resolveOptions } from '../../../src/config/resolve.ts';
import { trainOptions } from '../../../src/config/train-options.ts';
import { createScratchFile } from '../scratch-file.ts';
import type { Target } from '../target.ts';
import { jsonMutation, lineMutations } from '../text-mutations.ts';
import { yamlWords } from '../yaml-words.ts';

const scratch = createScratchFile('mnist-cnn.config.yaml');

/** A config file, YAML or JSON, down to the settled options. */
export const configTarget: Target = {
  name: 'config',
  seeds: () => [
    Buffer.from('# mine\nepochs: 2\nmirror:\n  - ../shared\n  - https://a.example/\ntime: 90s\nlr: 1e-3\n'),
    Buffer.from('{"epochs": 2, "lr": 1e-7, "offline": true, "out": "models/x", "mirror": ["a", "b"]}'),
    Buffer.from('optimizer: adam\nbeta1: 0.9\narch: cnn\nseed: 7\ntarget: 99%\nshift: 2\nvalidation: 10\n'),
    Buffer.from('- 1\n'),
    Buffer.from(''),
    Buffer.from('%YAML 1.1\n---\nepochs: &a 2\n? [x]\n: *a\n'),
    Buffer.from('epochs: "\\x1b[2J"\nout: |\n  long\n  text\n'),
  ],
  run: async (bytes) => {
    scratch.fill(bytes);
    const file = await loadConfigFile(scratch.path, scratch.folder);
    if (file === undefined) throw new Error('the file is not found');
    resolveOptions(trainOptions, { flags: {}, environment: {}, file });
  },
  errors: ['E_CONFIG', 'E_USAGE'],
  scripts: [
    'src/config/config-file.ts',
    'src/core/yaml-file.ts',
    'src/config/resolve.ts',
    'src/config/options.ts',
  ],
  guides: ['/node_modules/yaml/dist/'],
  mutations: [jsonMutation, ...lineMutations],
  words: [...yamlWords, ...Object.keys(trainOptions).map((key) => `\n${key}: `)],
  maxBytes: 2048,
};
