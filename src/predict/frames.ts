import type { Component } from './components.ts';
import { heightOf, type InkBox, widthOf } from './ink-box.ts';

/**
 * Whether a component is a printed frame: a rectangle, perhaps turned by a few degrees, of four straight thin sides that
 * meet in corners. A 0 has none.
 */
export function isFrame(
  component: Component,
  image: { readonly width: number; readonly labels: Uint32Array },
): boolean {
  const width = widthOf(component);
  const height = heightOf(component);
  const shorter = Math.min(width, height);
  if (shorter < 12 || Math.max(width, height) > 12 * shorter) return false;
  const band = Math.max(3, 0.13 * shorter);
  const corner = Math.max(2, 0.09 * shorter);
  const [top, bottom] = [new Uint8Array(width), new Uint8Array(width)];
  const [left, right] = [new Uint8Array(height), new Uint8Array(height)];
  const corners = [0, 0, 0, 0];
  let inside = 0;
  for (let y = 0; y < height; y++) {
    const row = (component.top + y) * image.width + component.left;
    for (let x = 0; x < width; x++) {
      if (image.labels[row + x] !== component.label) continue;
      const [toRight, toBottom] = [width - 1 - x, height - 1 - y];
      if (Math.min(x, y, toRight, toBottom) >= band) inside += 1;
      if (y < band) top[x] = 1;
      if (toBottom < band) bottom[x] = 1;
      if (x < band) left[y] = 1;
      if (toRight < band) right[y] = 1;
      if (Math.min(x, toRight) < corner && Math.min(y, toBottom) < corner) {
        const which = (x < toRight ? 0 : 1) + (y < toBottom ? 0 : 2);
        corners[which] = (corners[which] ?? 0) + 1;
      }
    }
  }
  if (inside > 0.05 * component.area || corners.some((count) => count === 0)) return false;
  return [top, bottom, left, right].every(
    (side) => side.reduce((sum, value) => sum + value, 0) >= 0.85 * side.length,
  );
}

/** Whether a box lies inside a frame. */
export function isInside(box: InkBox, frame: InkBox): boolean {
  return (
    box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom
  );
}
