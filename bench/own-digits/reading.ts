import type { Network } from '../../src/model/ensemble.ts';
import type { InkBox } from '../../src/predict/ink-box.ts';
import { predictPictures, type Reading } from '../../src/predict/predict.ts';

/** A picture and what it says. */
export interface Scene {
  /** Not used twice in one call. */
  readonly name: string;
  /** Its digits in reading order, '' where there are none. */
  readonly answer: string;
  /** Where it comes from, or of what kind it is. */
  readonly source: string;
  readonly bytes: () => Uint8Array | Promise<Uint8Array>;
}

/** What was read of a scene. */
export interface Outcome {
  readonly scene: Scene;
  /** The digits that are claimed, '' where there are none or the program is not sure. */
  readonly answer: string;
  /** How many digits were found, sure or not. */
  readonly count: number;
  /** Of the first of them, in pixels of the picture. */
  readonly box: InkBox | undefined;
  /** Why the picture could not be read at all. */
  readonly failure: string | undefined;
}

/** Reads pictures as `mnist-cnn predict` does; each is made when its turn comes. */
export async function readScenes(scenes: readonly Scene[], network: Network): Promise<Outcome[]> {
  const byName = new Map(scenes.map((scene) => [scene.name, scene]));
  const readBytes = (name: string) => byName.get(name)?.bytes() ?? new Uint8Array(0);
  const outcomes: Outcome[] = [];
  for await (const reading of predictPictures(scenes, { networks: () => [network], readBytes })) {
    const scene = scenes[outcomes.length];
    const failure = reading.type === 'failed' ? reading.error.message : undefined;
    const digits = reading.type === 'digits' ? reading.digits : [];
    if (scene === undefined) continue;
    outcomes.push({ scene, answer: answerOf(reading), count: digits.length, box: digits[0]?.box, failure });
  }
  return outcomes;
}

/** The digits that a reading claims: `?` for those that are not sure, '' where none is. */
export function answerOf(reading: Reading): string {
  if (reading.type !== 'digits') return '';
  const digits = reading.digits.map(({ doubt, ranking }) => (doubt === undefined ? ranking[0]?.digit : '?'));
  return digits.every((digit) => digit === '?') ? '' : digits.join('');
}

/** Whether all of a scene's digits were read, and nothing else; a picture that could not be read says nothing. */
export function isRight({ scene, answer, failure }: Outcome): boolean {
  return failure === undefined && answer === scene.answer;
}
