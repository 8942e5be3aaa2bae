import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import type { InkBox } from '../../src/predict/ink-box.ts';
import { isRight, type Outcome, type Scene } from './reading.ts';

/** The real digits by what is measured of them. */
export interface RealDigits {
  /** One digit on paper or a canvas, without a printed box, more than 8 x 8 pixels. */
  readonly single: readonly Scene[];
  /** In the printed boxes of a form. */
  readonly boxed: readonly Scene[];
  /** 8 x 8, of scikit-learn. */
  readonly tiny: readonly Scene[];
  /** Several digits in a picture. */
  readonly several: readonly Scene[];
}

/** The real digits of a folder with `labels.csv` and `several.csv`; `undefined` where it is not there. */
export function loadRealDigits(folder: string): RealDigits | undefined {
  if (!fs.existsSync(path.join(folder, 'labels.csv'))) return undefined;
  const all = parseList(folder, 'labels.csv');
  const ofKind = (isWanted: (kind: string) => boolean) =>
    all.filter(({ kind }) => isWanted(kind)).map(({ scene }) => scene);
  return {
    single: ofKind((kind) => kind !== 'scan+box' && kind !== '8x8'),
    boxed: ofKind((kind) => kind === 'scan+box'),
    tiny: ofKind((kind) => kind === '8x8'),
    several: parseList(folder, 'several.csv').map(({ scene }) => scene),
  };
}

/** Lines of `file,digits,kind,note`; only the note may have commas. */
function parseList(folder: string, list: string): { readonly kind: string; readonly scene: Scene }[] {
  const [, ...lines] = fs.readFileSync(path.join(folder, list), 'utf8').trim().split(/\r?\n/);
  return lines.map((line) => {
    const [name = '', answer = '', kind = ''] = line.split(',');
    const bytes = () => fs.readFileSync(path.join(folder, name));
    return { kind, scene: { name, answer, source: path.dirname(name), bytes } };
  });
}

/**
 * The pictures that were read rightly, cut off around their ink with a margin that is a share of its longer side, as
 * far as the picture has one. Those whose ink is at the picture's border already are left out.
 */
export function cropTightly(
  outcomes: readonly Outcome[],
  margins: readonly number[],
): readonly (readonly Scene[])[] {
  const found = outcomes
    .filter(isRight)
    .flatMap(({ scene, box }) => (box === undefined || box.left < 1 || box.top < 1 ? [] : [{ scene, box }]));
  return margins.map((margin) =>
    found.map(({ scene, box }) => ({
      ...scene,
      name: `${scene.name}, margin ${100 * margin} %`,
      bytes: async () => crop(await scene.bytes(), box, margin),
    })),
  );
}

async function crop(bytes: Uint8Array, box: InkBox, margin: number): Promise<Uint8Array> {
  const { width, height } = await sharp(bytes).metadata();
  const reach = margin * Math.max(box.right - box.left, box.bottom - box.top);
  const left = Math.max(0, Math.floor(box.left - reach));
  const top = Math.max(0, Math.floor(box.top - reach));
  // Pictures less than 4 pixels wide are refused.
  const right = Math.min(width, Math.max(left + 4, Math.ceil(box.right + reach)));
  const bottom = Math.min(height, Math.ceil(box.bottom + reach));
  return sharp(bytes)
    .extract({ left, top, width: right - left, height: bottom - top })
    .png({ compressionLevel: 1 })
    .toBuffer();
}
