/** A stream of random numbers. Its start follows from what it is for, so there is no state to store. */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  readonly uniform: () => number;
  /** A whole number in [0, limit). */
  readonly integer: (limit: number) => number;
  /** Standard normal. */
  readonly normal: () => number;
}

/**
 * The random numbers for one purpose at one position: `random(seed, 'shuffle', epoch)`. The same arguments give the
 * same numbers in every process and on every machine, so that resuming needs a position and nothing else.
 *
 * Generator: sfc32 (Chris Doty-Humphrey, PractRand), seeded by an FNV-1a hash of the arguments.
 */
export function random(seed: number, purpose: string, ...position: readonly number[]): Random {
  const next = sfc32(`${seed}/${purpose}/${position.join('/')}`);
  const uniform = () => next() / 0x1_0000_0000;
  return {
    uniform,
    integer: (limit) => Math.floor(uniform() * limit),
    normal: () => {
      // Box and Muller (1958); 1 - u keeps the logarithm finite.
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      return radius * Math.cos(2 * Math.PI * uniform());
    },
  };
}

/** Puts `items` into random order in place (Fisher and Yates) and returns it. */
export function shuffle<Items extends Uint32Array | unknown[]>(items: Items, numbers: Random): Items {
  for (let last = items.length - 1; last > 0; last--) {
    const other = numbers.integer(last + 1);
    const kept = items[last];
    items[last] = items[other];
    items[other] = kept;
  }
  return items;
}

function sfc32(key: string): () => number {
  let a = hash(key, 0x811c9dc5);
  let b = hash(key, 0x01000193);
  let c = hash(key, 0x9e3779b9);
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  // The first numbers still resemble the key.
  for (let round = 0; round < 15; round++) next();
  return next;
}

function hash(text: string, basis: number): number {
  let value = basis | 0;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
    value ^= value >>> 15;
  }
  return value;
}
