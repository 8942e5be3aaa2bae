import nodePath from 'node:path';
import { createFolder, writeFileAtomic } from '../../core/files.ts';
import type { Picture } from '../../report/png.ts';

/** Writes a picture as NAME.svg and NAME.png into a folder made for it, and gives the paths. */
export function writePicture(folder: string, name: string, picture: Picture): readonly string[] {
  createFolder(folder);
  const [svg, png] = [nodePath.join(folder, `${name}.svg`), nodePath.join(folder, `${name}.png`)];
  writeFileAtomic(svg, picture.svg);
  writeFileAtomic(png, picture.png);
  return [svg, png];
}
