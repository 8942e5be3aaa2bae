import type { GrayImage } from '../image/gray.ts';
import { askNetworks, type Network } from '../model/ensemble.ts';
import { type Choice, chooseDigits, type DigitReading } from './choose-digits.ts';
import { judgeImages } from './judge-images.ts';
import { type Candidates, framedOf, lookAt } from './page.ts';

/**
 * Reads the digits of a picture, as `decodeImage` gives it, in reading order; none where it is blank. The probabilities of
 * several networks are averaged. With `isSingle`, all ink is one digit.
 */
export async function readDigits(
  picture: GrayImage & { readonly scale?: number },
  networks: Network | readonly Network[],
  isSingle = false,
): Promise<readonly DigitReading[]> {
  const [choice] = await choosePages([lookAt(picture, isSingle)], [networks].flat());
  return choice?.digits ?? [];
}

/** How each of some pictures is read best; each network is asked once for all of them. */
export async function choosePages(
  pages: readonly Candidates[],
  networks: readonly Network[],
): Promise<readonly Choice[]> {
  const images = pages.map(framedOf);
  const all = images.flat();
  const answers = all.length === 0 ? [] : await askNetworks(networks, new Uint8Array(Buffer.concat(all)));
  const judgments = judgeImages(answers);
  let end = 0;
  return pages.map((page, at) => {
    const start = end;
    end += images[at]?.length ?? 0;
    return chooseDigits(page, judgments.slice(start, end));
  });
}
