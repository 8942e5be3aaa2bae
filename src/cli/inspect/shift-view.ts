import { escapeText } from '../../core/errors.ts';
import type { LoadedExamples } from '../../data/load-examples.ts';
import { type Examples, takeRange } from '../../data/split.ts';
import type { ShiftPoint } from '../../report/shift-curve.ts';
import { formatNext } from '../next-view.ts';
import { drawCurve, measureCurve } from './accuracy-curve.ts';
import type { InspectContext } from './inspect-options.ts';
import { findInspected, openDigitReader } from './inspected-model.ts';
import { drawMove, formatMove, type MovedImage, moveImage } from './moved-image.ts';
import { loadData, pickImage } from './picked-image.ts';
import { formatCurve } from './shift-text.ts';

/** Shows what a shift does to the reading and the maps of one image, and to the accuracy on the test images. */
export async function showShift(context: InspectContext): Promise<void> {
  const { options, output } = context;
  findInspected(context);
  const load = once(() => loadData(context));
  const image = await pickImage(context, load);
  if (image === undefined) return;
  const examples = options.images === 0 ? undefined : takeFirst(await load(), options.images);
  if (examples === undefined && options.images !== 0) return;
  const inspected = await openDigitReader(context);
  const moved = moveImage(context, inspected, image);
  if (!output.json) output.result(formatMove(moved, output.hasColor));
  const files = [...(await drawMove(inspected, moved))];
  let curve: Curve | undefined;
  if (examples !== undefined) {
    const points = await measureCurve(context, inspected, examples);
    if (points === undefined) return;
    curve = { images: examples.count, points };
    if (!output.json) output.result(`\n${formatCurve(points, examples.count)}`);
    files.push(...(await drawCurve(inspected, points, examples.count)));
  }
  if (output.json) output.result({ model: inspected.name, ...summarize(moved), curve, files });
  else if (files.length > 0) output.note(`wrote ${files.map(escapeText).join(', ')}`);
  output.next(formatNext(context, 'eval'));
}

interface Curve {
  readonly images: number;
  readonly points: readonly ShiftPoint[];
}

function once<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let loading: Promise<Value> | undefined;
  return () => {
    loading ??= load();
    return loading;
  };
}

function takeFirst(loaded: LoadedExamples | undefined, count: number | undefined): Examples | undefined {
  return loaded && takeRange(loaded.test, 0, count ?? loaded.test.count);
}

function summarize({ image, shift, before, after, changes }: MovedImage) {
  return {
    image: image.title,
    label: image.label,
    shift,
    before: before.ranking,
    after: after.ranking,
    changes,
  };
}
