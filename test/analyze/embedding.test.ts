import { describe, expect, test } from 'vitest';
import { type Embedding, type EmbeddingOptions, embed } from '../../src/analyze/embedding.ts';
import { random } from '../../src/core/random.ts';

const perGroup = 20;
const width = 5;
const numbers = random(4, 'groups');
/** Three groups of points around three places far apart. */
const values = Float64Array.from({ length: 3 * perGroup * width }, (_, index) => {
  const group = Math.floor(index / (perGroup * width));
  return (index % width === group ? 30 : 0) + numbers.normal();
});
const points = { values, count: 3 * perGroup, width };

function run(options: Partial<EmbeddingOptions> = {}, of = points): Embedding {
  const steps = embed(of, { perplexity: 10, iterations: 1000, seed: 0, ...options });
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

const distance = (positions: Float64Array, first: number, second: number) =>
  Math.hypot(
    (positions[2 * first] ?? 0) - (positions[2 * second] ?? 0),
    (positions[2 * first + 1] ?? 0) - (positions[2 * second + 1] ?? 0),
  );

describe('an embedding', () => {
  const result = run();

  test('has the same bits for the same seed', () => {
    expect(run()).toEqual(result);
  });

  test('differs for another seed', () => {
    expect(run({ seed: 1 }).positions).not.toEqual(result.positions);
  });

  test('parts groups: the nearest point is one of the same group', () => {
    const nearest = Array.from({ length: points.count }, (_, point) =>
      Array.from({ length: points.count }, (_first, other) => other)
        .filter((other) => other !== point)
        .reduce((best, other) =>
          distance(result.positions, point, other) < distance(result.positions, point, best) ? other : best,
        ),
    );
    const groupOf = (point: number) => Math.floor(point / perGroup);
    expect(nearest.map(groupOf)).toEqual(nearest.map((_, point) => groupOf(point)));
  });

  test('has less divergence after more iterations', () => {
    const divergences = [0, 500, 1000].map((iterations) => run({ iterations }).divergence);
    expect(divergences).toEqual(divergences.toSorted((left, right) => right - left));
  });

  test('is centered', () => {
    expect(result.positions.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 9);
  });

  test('begins at the first two components', () => {
    const { positions } = run({ iterations: 0 });
    const ratio = (positions[0] ?? 0) / (values[0] ?? 1);
    expect((positions[2 * 7] ?? 0) / (values[7 * width] ?? 1)).toBeCloseTo(ratio, 4);
  });

  test('begins at given positions instead', () => {
    expect(run({ iterations: 0, start: result.positions }).positions).toEqual(result.positions);
  });

  test('that begins at an earlier one of nearly the same points stays near it', () => {
    const moved = { ...points, values: values.map((value) => value + 0.3 * numbers.normal()) };
    const next = run({ start: result.positions }, moved).positions;
    const far = next.map((value, index) => Math.abs(value - (result.positions[index] ?? 0)));
    const span = Math.max(...result.positions) - Math.min(...result.positions);
    expect(Math.max(...far) / span).toBeLessThan(0.3);
  });

  test('of points that are all the same is finite', () => {
    const same = { values: new Float64Array(20), count: 10, width: 2 };
    expect(run({}, same).positions.every(Number.isFinite)).toBe(true);
  });

  test('of a single point is that point in the middle', () => {
    expect([...run({}, { values: Float64Array.of(3, 4), count: 1, width: 2 }).positions]).toEqual([0, 0]);
  });

  test('lets others through every 50 iterations', () => {
    expect([...embed(points, { perplexity: 10, iterations: 120, seed: 0 })]).toEqual([0, 50, 100]);
  });
});

test.each([0, 1, 2])(
  'has the least divergence around: positions pushed by chance, round %i, have more',
  (round) => {
    const found = run({ iterations: 3000 });
    const chance = random(5, 'push', round);
    const start = found.positions.map((value) => value + 0.05 * chance.normal());
    expect(run({ iterations: 0, start }).divergence).toBeGreaterThan(found.divergence);
  },
);
