import { z } from 'zod';
import type { Task } from './architectures.ts';
import { type ListedLayer, wrongTopology } from './keras-layers.ts';

/** A network without what stands before and behind its layers in other tools' files, and what that said. */
export interface TrimmedLayers {
  readonly task: Task;
  readonly layers: readonly ListedLayer[];
  /** A pixel byte becomes `byte * scale + offset` by its own first layer. */
  readonly pixels?: { readonly scale: number; readonly offset: number };
  /** It gave probabilities; without its softmax it gives the logits that are wanted here. */
  readonly endedInSoftmax: boolean;
}

/**
 * Takes off what networks of this tool do not have: input layers, reshaping to 28 x 28 x 1 and rescaling of pixels at the
 * front, softmax at the end.
 *
 * @throws TrainerError `E_MODEL_FORMAT` where it takes other images than one digit, or two side by side.
 */
export function trimEnds(given: readonly ListedLayer[]): TrimmedLayers {
  const layers = [...given];
  let shape = inputShapeOf(layers);
  let pixels: TrimmedLayers['pixels'];
  for (let first = layers[0]; first !== undefined; first = layers[0]) {
    if (first.className === 'Reshape')
      shape = z.array(z.number()).safeParse(first.config['target_shape']).data;
    else if (first.className === 'Rescaling' && pixels === undefined) pixels = parseRescaling(first);
    else if (first.className !== 'InputLayer') break;
    layers.shift();
  }
  const task = findTask(shape, layers[0]);
  // Dense layers of Keras take images that come flat.
  if (shape?.length === 1 && layers[0]?.className !== 'Flatten') layers.unshift(flatten);
  const trimmed = withoutSoftmax(layers);
  return { task, ...trimmed, ...(pixels !== undefined && { pixels }) };
}

const flatten: ListedLayer = { className: 'Flatten', config: {}, name: 'the flat input' };

/** The shape that the first layer says its images have, without the batch; Keras 3 calls it otherwise. */
function inputShapeOf([first]: readonly ListedLayer[]): readonly number[] | undefined {
  const given = first?.config['batch_input_shape'] ?? first?.config['batch_shape'];
  const parsed = z.tuple([z.unknown()]).rest(z.number()).safeParse(given);
  return parsed.success ? parsed.data.slice(1).map(Number) : undefined;
}

function findTask(shape: readonly number[] | undefined, next: ListedLayer | undefined): Task {
  const sizes = shape?.join(' x ');
  const isFlattened = next?.className === 'Flatten';
  if (sizes === undefined || sizes === '28 x 28 x 1' || sizes === '784') return 'digit';
  if (sizes === '28 x 56 x 1' || sizes === '1568') return 'sum';
  if (sizes === '28 x 28' && isFlattened) return 'digit';
  if (sizes === '28 x 56' && isFlattened) return 'sum';
  throw wrongTopology(`it takes images of ${sizes || 'no size'}, expected 28 x 28 x 1`);
}

function parseRescaling({ config }: ListedLayer): NonNullable<TrimmedLayers['pixels']> {
  const parsed = z.object({ scale: z.number(), offset: z.number().default(0) }).safeParse(config);
  if (parsed.success) return parsed.data;
  throw wrongTopology('its Rescaling layer has no plain scale and offset');
}

function withoutSoftmax(layers: readonly ListedLayer[]): Pick<TrimmedLayers, 'layers' | 'endedInSoftmax'> {
  const [before, last] = [layers.slice(0, -1), layers.at(-1)];
  const isSoftmax = last?.config['activation'] === 'softmax';
  if (last?.className === 'Softmax' || (last?.className === 'Activation' && isSoftmax)) {
    return { layers: before, endedInSoftmax: true };
  }
  if (last?.className !== 'Dense' || !isSoftmax) return { layers, endedInSoftmax: false };
  const linear = { ...last, config: { ...last.config, activation: 'linear' } };
  return { layers: [...before, linear], endedInSoftmax: true };
}
