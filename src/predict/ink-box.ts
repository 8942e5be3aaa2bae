/** A rectangle of pixels; `right` and `bottom` are the first column and row beyond it. */
export interface InkBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export function widthOf(box: InkBox): number {
  return box.right - box.left;
}

export function heightOf(box: InkBox): number {
  return box.bottom - box.top;
}

export function longerSideOf(box: InkBox): number {
  return Math.max(widthOf(box), heightOf(box));
}

/** The smallest box around all. */
export function boxAround(boxes: readonly InkBox[]): InkBox {
  return {
    left: Math.min(...boxes.map(({ left }) => left)),
    top: Math.min(...boxes.map(({ top }) => top)),
    right: Math.max(...boxes.map(({ right }) => right)),
    bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
  };
}

/** How far boxes are apart, across or down, whichever is more; 0 where they touch. */
export function gapBetween(one: InkBox, other: InkBox): number {
  return Math.max(gapAcross(one, other), one.top - other.bottom, other.top - one.bottom, 0);
}

/** How far boxes are apart from left to right; negative where their columns overlap. */
export function gapAcross(one: InkBox, other: InkBox): number {
  return Math.max(one.left - other.right, other.left - one.right);
}

/** How many rows boxes share. */
export function sharedRows(one: InkBox, other: InkBox): number {
  return Math.max(0, Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top));
}
