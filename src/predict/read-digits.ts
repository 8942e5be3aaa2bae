import type { GrayImage } from '../image/gray.ts';
import type { Trust } from '../model/metadata.ts';
import { type Choice, chooseDigits, type DigitReading } from './choose-digits.ts';
import { type Candidates, framedOf, lookAt } from './page.ts';

/** A network as reading needs it. */
export interface Network {
  /** Bytes [n, 28, 28] -> logits [n, 10]. */
  readonly classify: (images: Uint8Array) => Float32Array | Promise<Float32Array>;
  readonly trust: Trust;
}

/**
 * Reads the digits of a picture, as `decodeImage` gives it, in reading order; none where it is blank. With `isSingle`, all
 * ink is one digit.
 */
export async function readDigits(
  picture: GrayImage & { readonly scale?: number },
  network: Network,
  isSingle = false,
): Promise<readonly DigitReading[]> {
  const [choice] = await choosePages([lookAt(picture, isSingle)], network);
  return choice?.digits ?? [];
}

/** How each of some pictures is read best; the network is asked once for all of them. */
export async function choosePages(
  pages: readonly Candidates[],
  network: Network,
): Promise<readonly Choice[]> {
  const images = pages.map(framedOf);
  const all = images.flat();
  const logits =
    all.length === 0 ? new Float32Array() : await network.classify(new Uint8Array(Buffer.concat(all)));
  let end = 0;
  return pages.map((page, at) => {
    const start = end;
    end += 10 * (images[at]?.length ?? 0);
    return chooseDigits(page, logits.subarray(start, end), network.trust);
  });
}
