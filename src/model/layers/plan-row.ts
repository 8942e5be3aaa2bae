/** What our own ops make of a layer, or the reason why they cannot run it, in words after the layer's name. */
export type LayerPlan =
  | { readonly reason: string }
  | {
      /** Nothing where there is no work to do. */
      readonly row?: PlanRow;
      /** The row does the work of the next layer too. */
      readonly includesNext?: boolean;
      /** The network may end here: what comes out are logits. */
      readonly givesLogits?: boolean;
    };

/** A layer as `parse_plan` in native/ops.cc reads it. */
export interface PlanRow {
  /** Eight: the kind, six sizes, flags. */
  readonly numbers: readonly number[];
  /** For layers that drop values: how many of them. They get a key at each step. */
  readonly rate?: number;
}

/** `Layer::Kind` of native/plan.h. */
const kinds = { conv: 0, dense: 1, dropout: 2 } as const;

/** The eight numbers of a layer: sizes that are not given are 0. */
export function planNumbers(
  kind: keyof typeof kinds,
  sizes: readonly number[],
  { relu = false, bias = false }: { readonly relu?: boolean; readonly bias?: boolean } = {},
): readonly number[] {
  const padded = Array.from({ length: 6 }, (_, index) => sizes[index] ?? 0);
  return [kinds[kind], ...padded, (relu ? 1 : 0) + (bias ? 2 : 0)];
}
