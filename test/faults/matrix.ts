import type { FaultSection } from './section.ts';
import { concurrency } from './sections/concurrency.ts';
import { downloads } from './sections/downloads.ts';
import { flags } from './sections/flags.ts';
import { idxFiles } from './sections/idx-files.ts';
import { images } from './sections/images.ts';
import { limits } from './sections/limits.ts';
import { models } from './sections/models.ts';
import { numbers } from './sections/numbers.ts';
import { setUp } from './sections/setup.ts';
import { signals } from './sections/signals.ts';

/** Every fault that the program has an answer to, A to J. The tests are held against it, and docs/faults.md is written from it. */
export const matrix: readonly FaultSection[] = [
  idxFiles,
  downloads,
  setUp,
  models,
  images,
  flags,
  limits,
  signals,
  numbers,
  concurrency,
];
