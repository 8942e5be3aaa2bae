import { afterAll, describe, expect, test } from 'vitest';
import { judge } from './judgement.ts';
import { createReplay } from './replay.ts';
import { removeScratchFiles } from './scratch-file.ts';
import { targets } from './targets.ts';

afterAll(removeScratchFiles);

describe.each(Object.entries(targets))('the reader of bytes "%s"', (_, load) => {
  test('reads its corpus, or refuses it with an error of ours', async () => {
    const target = await load();
    for (const bytes of await createReplay(target)) {
      const { fault } = await judge(target, bytes);
      // The find itself, so that a red test tells all there is to know.
      expect({ fault, bytes: fault && bytes.toString('base64') }).toEqual({});
    }
  });
});

test('at least 2,000 inputs are read', async () => {
  const loaded = await Promise.all(Object.values(targets).map((load) => load()));
  const replays = await Promise.all(loaded.map(createReplay));
  expect(replays.flat().length).toBeGreaterThanOrEqual(2000);
});
