import { formatCount } from '../../core/files.ts';

/** The second line of a picture: what is shown. */
export function describeFeatures(images: number, width: number): string {
  return `t-SNE of the last layer's input: ${formatCount(images)} test images, ${formatCount(width)} features each`;
}
