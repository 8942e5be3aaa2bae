/** A set of ink pixels that touch each other, corners included; `right` and `bottom` are the first beyond it. */
export interface Component {
  readonly label: number;
  readonly area: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly touchesBorder: boolean;
  /** How many of its pixels lie on the picture's border, and how many at its own edge, those included. */
  readonly contact: number;
  readonly outline: number;
}

/** Numbers the components of a mask of 0 and 1 from 1 on; paper has label 0. */
export function labelComponents(image: {
  readonly width: number;
  readonly height: number;
  readonly mask: Uint8Array;
}): { readonly labels: Uint32Array; readonly components: readonly Component[] } {
  const { width, height, mask } = image;
  const labels = new Uint32Array(mask.length);
  const components: Component[] = [];
  // Every pixel is pushed once at most, since it is labeled when it is pushed.
  const stack = new Uint32Array(mask.length);
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] === 0 || labels[start] !== 0) continue;
    const label = components.length + 1;
    let [left, top, right, bottom, area, depth] = [width, height, 0, 0, 0, 0];
    let [contact, outline] = [0, 0];
    labels[start] = label;
    stack[depth++] = start;
    while (depth > 0) {
      const at = stack[--depth] ?? 0;
      const x = at % width;
      const y = (at - x) / width;
      area += 1;
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) {
        contact += 1;
        outline += 1;
      } else if (
        mask[at - 1] === 0 ||
        mask[at + 1] === 0 ||
        mask[at - width] === 0 ||
        mask[at + width] === 0
      ) {
        outline += 1;
      }
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
      for (let nextY = Math.max(0, y - 1); nextY <= Math.min(height - 1, y + 1); nextY++) {
        for (let nextX = Math.max(0, x - 1); nextX <= Math.min(width - 1, x + 1); nextX++) {
          const next = nextY * width + nextX;
          if (mask[next] === 0 || labels[next] !== 0) continue;
          labels[next] = label;
          stack[depth++] = next;
        }
      }
    }
    const touchesBorder = contact > 0;
    components.push({ label, area, left, top, right, bottom, touchesBorder, contact, outline });
  }
  return { labels, components };
}
