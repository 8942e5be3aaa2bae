import sharp from 'sharp';
import { decodeImage } from '../../src/image/decode.ts';
import { centerDigit } from '../../src/predict/center-digit.ts';
import type { InkBox } from '../../src/predict/find-ink.ts';
import { type Classifier, predictPictures, type Reading } from '../../src/predict/predict.ts';

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
  /** Why the picture could not be read at all. */
  readonly failure: string | undefined;
}

/** Reads pictures as `mnist-cnn predict` does; each is made when its turn comes. */
export async function readScenes(scenes: readonly Scene[], classify: Classifier): Promise<Outcome[]> {
  const byName = new Map(scenes.map((scene) => [scene.name, scene]));
  const readBytes = (name: string) => byName.get(name)?.bytes() ?? new Uint8Array(0);
  const outcomes: Outcome[] = [];
  for await (const reading of predictPictures(scenes, { classify, readBytes })) {
    const scene = scenes[outcomes.length];
    const failure = reading.type === 'failed' ? reading.error.message : undefined;
    if (scene !== undefined)
      outcomes.push({ scene, answer: answerOf(reading), count: countOf(reading), failure });
  }
  return outcomes;
}

/** The digits that a reading claims, '' where there are none or it is unsure. */
export function answerOf(reading: Reading): string {
  return reading.type === 'digit' ? String(reading.ranking[0]?.digit) : '';
}

function countOf(reading: Reading): number {
  return reading.type === 'digit' ? 1 : 0;
}

/** Whether all of a scene's digits were read, and nothing else; a picture that could not be read says nothing. */
export function isRight({ scene, answer, failure }: Outcome): boolean {
  return failure === undefined && answer === scene.answer;
}

/** The box of a picture's ink in its own pixels; `undefined` where none is found or only a part of it was looked at. */
export async function inkBoxOf(name: string, bytes: Uint8Array): Promise<InkBox | undefined> {
  const { width } = await sharp(bytes).metadata();
  const decoded = await decodeImage({ name, bytes });
  const { image, found } = centerDigit(decoded);
  const isWhole = image.width === decoded.width || image.width === Math.floor(decoded.width / 2);
  if (found === undefined || !isWhole) return undefined;
  const scale = width / image.width;
  const { left, top, right, bottom } = found.box;
  return { left: left * scale, top: top * scale, right: right * scale, bottom: bottom * scale };
}
