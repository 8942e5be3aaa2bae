import { loadArchitectureFile, restoreArchitecture } from '../../../src/model/architecture-file.ts';
import { createScratchFile } from '../scratch-file.ts';
import type { Target } from '../target.ts';
import { jsonMutation, lineMutations } from '../text-mutations.ts';
import { yamlWords } from '../yaml-words.ts';

const scratch = createScratchFile('own.yaml');
const layers = `layers:
  - { type: conv2d, filters: 8, kernelSize: 3, padding: 1, dilationRate: 1, groups: 1, activation: tanh }
  - { type: averagePooling2d, poolSize: 2, strides: 2 }
  - type: maxPooling2d
    poolSize: 2
  - { type: batchNormalization }
  - { type: activation, activation: sigmoid }
  - { type: flatten }
  - { type: dropout, rate: 0.5 }
  - { type: dense, units: 10, useBias: false, initializer: { type: normal, standardDeviation: 0.1 } }
`;

/** A network in a YAML or JSON file. */
export const architectureTarget: Target = {
  name: 'architecture',
  seeds: () => [
    Buffer.from(layers),
    Buffer.from(`name: mine\npixels: [-0.5, 0.5]\nvalidation: 100\n${layers}`),
    Buffer.from('{"task":"sum","layers":[{"type":"flatten"},{"type":"dense","units":19}]}'),
    Buffer.from('layers: &a [{ type: flatten }, *a]\n'),
    Buffer.from('5\n'),
    Buffer.from('%YAML 1.1\n---\n!!omap\n- layers: !!set { a, b }\n'),
  ],
  run: async (bytes) => {
    scratch.fill(bytes);
    const { architecture, source } = await loadArchitectureFile(scratch.path);
    // What is stored with a run is the same network.
    const again = restoreArchitecture(JSON.parse(JSON.stringify(source)));
    if (JSON.stringify(again) !== JSON.stringify(architecture))
      throw new Error('stored, it is another network');
  },
  errors: ['E_MODEL_FORMAT'],
  scripts: [
    'src/model/architecture-file.ts',
    'src/core/yaml-file.ts',
    'src/model/shapes.ts',
    'src/model/shape-problem.ts',
  ],
  guides: ['/node_modules/yaml/dist/', '/src/model/layers/'],
  mutations: [jsonMutation, ...lineMutations],
  words: [
    ...yamlWords,
    '\n  - { type: flatten }',
    'groups: 3',
    'kernelSize: 99',
    'padding: same',
    'units: 100000',
  ],
  maxBytes: 2048,
};
