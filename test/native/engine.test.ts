import fs from 'node:fs';
import { expect, test } from 'vitest';
import { loadedOps, loadTensorFlow } from '../../src/backend/tf.ts';

// Zig's runtime answers every `__builtin_cpu_supports` with no.
test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'the ops use the best instruction set that the processor has, whatever compiled it',
  async () => {
    await loadTensorFlow();
    const flags = /^flags\s*:(.*)$/m.exec(fs.readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? [];
    const has = (...names: readonly string[]) => names.every((name) => flags.includes(name));
    const best = has('avx512f', 'avx512bw', 'avx512dq', 'avx512vl')
      ? 'avx512'
      : has('avx2', 'fma')
        ? 'avx2'
        : 'portable';
    expect(loadedOps()?.engine).toBe(best);
  },
);
