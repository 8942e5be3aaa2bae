import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readMetricsLog } from '../../../src/run/metrics-log.ts';
import { createScratchFile } from '../scratch-file.ts';
import type { Target } from '../target.ts';
import { jsonLineMutation, lineMutations } from '../text-mutations.ts';

const scratch = createScratchFile('log.jsonl');

/** A run's history, a line of JSON an event. */
export const logTarget: Target = {
  name: 'log',
  seeds: () => {
    const text = fs.readFileSync(
      fileURLToPath(new URL('../../golden/log-v1.jsonl', import.meta.url)),
      'utf8',
    );
    const resumed = (step: number) => JSON.stringify({ v: 1, event: 'resumed', step, at: 'now' });
    const start = text.split('\n')[0] ?? '';
    return [
      start,
      resumed(3),
      text,
      `${text}${resumed(10)}\n${text}`,
      `${text}${resumed(0)}\n{"v":1,`,
      '{"v":2}\n',
    ].map((each) => Buffer.from(each));
  },
  run: (bytes) => {
    scratch.fill(bytes);
    const lines = readMetricsLog(scratch.path);
    const [resumed] = lines.filter(({ event }) => event === 'resumed').slice(-1);
    if (resumed?.event !== 'resumed') return;
    const before = lines.slice(0, lines.indexOf(resumed));
    if (before.some((line) => line.event === 'ended' || ('step' in line && line.step > resumed.step))) {
      throw new Error('what was to be forgotten is there');
    }
  },
  errors: ['E_MODEL_FORMAT', 'E_MODEL_VERSION'],
  scripts: ['src/run/metrics-log.ts', 'src/run/log-schema.ts'],
  mutations: [jsonLineMutation, ...lineMutations],
  maxBytes: 8192,
};
