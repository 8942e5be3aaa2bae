import { drawEmbedding, type EmbeddingMap, type EmbeddingWords, fitPositions } from './embedding-picture.ts';

/** One map of an animation, with its words. */
export interface EmbeddingScene {
  readonly map: EmbeddingMap;
  readonly words: EmbeddingWords;
}

/** A picture of an animation, and for how long it stands. */
interface Frame extends EmbeddingScene {
  readonly delayMs: number;
}

/** So many frames are about 5 MB. */
const wantedFrames = 120;
const mostScenes = 240;
const sceneMs = 400;
const betweenMs = 60;
const lastMs = 4000;
/** Pixels per inch: three quarters of a pixel a unit. */
const density = 54;

/**
 * Animates maps, in order, as a GIF that repeats: it opens in every browser, viewer and slide program. Between two maps each
 * digit glides to its next place. Yields the part that is done, 0 to 1, and returns the file.
 */
export async function* renderAnimation(scenes: readonly EmbeddingScene[]): AsyncGenerator<number, Buffer> {
  const frames = planFrames(scenes);
  // Loaded when first needed: the command line answers without it.
  const { default: sharp } = await import('sharp');
  const pictures: Buffer[] = [];
  for (const { map, words } of frames) {
    yield pictures.length / (frames.length + 1);
    const svg = Buffer.from(drawEmbedding(map, words));
    // With few colors and lightly compressed: the frames wait in memory.
    pictures.push(
      await sharp(svg, { density })
        .png({ palette: true, colours: 64, compressionLevel: 1, effort: 1 })
        .toBuffer(),
    );
  }
  yield frames.length / (frames.length + 1);
  return sharp(pictures, { join: { animated: true } })
    .gif({ delay: frames.map(({ delayMs }) => delayMs), loop: 0, colours: 64, dither: 0, effort: 3 })
    .toBuffer();
}

/** Each map fitted to the picture, and between two of them as many steps as the length of the whole allows. */
export function planFrames(given: readonly EmbeddingScene[]): readonly Frame[] {
  const scenes = thinOut(given).map(({ map, words }) => ({
    map: { ...map, positions: fitPositions(map.positions) },
    words,
  }));
  const perScene = Math.max(1, Math.min(12, Math.floor(wantedFrames / Math.max(1, scenes.length - 1))));
  return scenes.flatMap((scene, index) => {
    const next = scenes[index + 1];
    if (next === undefined) return [{ ...scene, delayMs: lastMs }];
    const between = Array.from({ length: perScene - 1 }, (_, step): Frame => {
      const part = (step + 1) / perScene;
      const positions = glide(scene.map.positions, next.map.positions, part);
      const { map, words } = part < 0.5 ? scene : next;
      return { map: { ...map, positions }, words, delayMs: betweenMs };
    });
    return [{ ...scene, delayMs: sceneMs }, ...between];
  });
}

/** Of very many maps every so manieth, the last always. */
function thinOut(scenes: readonly EmbeddingScene[]): readonly EmbeddingScene[] {
  const stride = Math.ceil(scenes.length / mostScenes);
  return scenes.filter((_, index) => (scenes.length - 1 - index) % stride === 0);
}

/** Slow at both ends: 3 t^2 - 2 t^3. */
function glide(from: Float64Array, to: Float64Array, part: number): Float64Array {
  const eased = part * part * (3 - 2 * part);
  return from.map((value, index) => value + eased * ((to[index] ?? value) - value));
}
