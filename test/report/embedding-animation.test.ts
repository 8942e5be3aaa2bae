import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type EmbeddingScene, planFrames, renderAnimation } from '../../src/report/embedding-animation.ts';

/** A scene of two points, the first at `x`. */
function createScene(x: number): EmbeddingScene {
  return {
    map: {
      positions: Float64Array.of(x, 0, -x, 1),
      labels: Uint8Array.of(7, 2),
      predictions: Uint8Array.of(7, 2),
    },
    words: { title: `step ${x}`, subtitle: '' },
  };
}

const createScenes = (count: number) => Array.from({ length: count }, (_, index) => createScene(index + 1));

describe('the frames of an animation', () => {
  test('stand still at each map and longest at the last', () => {
    const delays = planFrames(createScenes(3)).map(({ delayMs }) => delayMs);
    const between = Array.from({ length: 11 }, () => 60);
    expect(delays).toEqual([400, ...between, 400, ...between, 4000]);
  });

  test('lead from one map to the next', () => {
    const frames = planFrames([createScene(1), createScene(-1)]);
    const firsts = frames.map(({ map }) => map.positions[0] ?? 0);
    expect([firsts[0], firsts.at(-1)]).toEqual([1, -1]);
    expect(firsts).toEqual(firsts.toSorted((left, right) => right - left));
  });

  test('have the words of the nearer map', () => {
    const titles = planFrames(createScenes(2)).map(({ words }) => words.title);
    expect(new Set(titles.slice(0, 6))).toEqual(new Set(['step 1']));
    expect(new Set(titles.slice(6))).toEqual(new Set(['step 2']));
  });

  test.each([
    [25, 121],
    [121, 121],
    [241, 121],
    [1000, 200],
  ])('of %i maps are %i', (count, frames) => {
    expect(planFrames(createScenes(count))).toHaveLength(frames);
  });

  test('end with the last map, however many are left out', () => {
    expect(planFrames(createScenes(999)).at(-1)?.words.title).toBe('step 999');
  });
});

test('an animation is a GIF of all frames that repeats', async () => {
  const steps = renderAnimation(createScenes(2));
  const parts: number[] = [];
  let step = await steps.next();
  for (; step.done !== true; step = await steps.next()) parts.push(step.value);
  const { format, pages, loop, delay } = await sharp(step.value, { animated: true }).metadata();
  expect([format, pages, loop, delay?.at(-1)]).toEqual(['gif', 13, 0, 4000]);
  expect(parts).toEqual(parts.toSorted((left, right) => left - right));
});
