import { writeFiles } from '../core/files.ts';
import { encodePixels } from './png.ts';

/** What TensorBoard's projector shows: points with their pictures. */
export interface ProjectorPoints {
  readonly name: string;
  /** [count, width], row by row. */
  readonly values: Float64Array;
  readonly width: number;
  readonly labels: Uint8Array;
  readonly predictions: Uint8Array;
  /** [count, 28, 28], ink from 0 to 255. */
  readonly images: Uint8Array;
}

/**
 * Writes points for the projector, which turns them in space and runs PCA, t-SNE and UMAP live: `tensors.tsv`,
 * `metadata.tsv`, `sprite.png` and the `projector_config.pbtxt` that names them. `tensorboard --logdir FOLDER` opens
 * them; so does projector.tensorflow.org, by "Load", without the pictures.
 *
 * @throws TrainerError `E_NOT_WRITABLE`, `E_DISK_FULL` or `E_IO`.
 */
export async function writeProjector(folder: string, points: ProjectorPoints): Promise<void> {
  const sprite = await drawSprite(points.images);
  writeFiles(folder, {
    'tensors.tsv': formatTensors(points),
    'metadata.tsv': formatMetadata(points),
    'sprite.png': sprite,
    'projector_config.pbtxt': formatConfig(points.name),
  });
}

function formatTensors({ values, width, labels }: ProjectorPoints): string {
  const rows = Array.from(labels, (_, index) =>
    Array.from(values.subarray(index * width, (index + 1) * width), (value) => Number(value.toPrecision(6))),
  );
  return rows.map((row) => `${row.join('\t')}\n`).join('');
}

function formatMetadata({ labels, predictions }: ProjectorPoints): string {
  const rows = Array.from(labels, (label, index) => {
    const prediction = predictions[index] ?? label;
    return [index, label, prediction, prediction === label ? 'right' : 'wrong'];
  });
  return [['index', 'label', 'prediction', 'reading'], ...rows].map((row) => `${row.join('\t')}\n`).join('');
}

/** The digits row by row in a square, black on white, as the projector cuts them out again. */
async function drawSprite(images: Uint8Array): Promise<Buffer> {
  const count = images.length / 784;
  const across = Math.ceil(Math.sqrt(count));
  const side = 28 * across;
  const pixels = new Uint8Array(side * side).fill(255);
  for (let index = 0; index < count; index++) {
    const corner = Math.floor(index / across) * 28 * side + (index % across) * 28;
    for (let at = 0; at < 784; at++)
      pixels[corner + Math.floor(at / 28) * side + (at % 28)] = 255 - (images[index * 784 + at] ?? 0);
  }
  return encodePixels({ width: side, height: side, channels: 1, pixels });
}

/** In the text form of protocol buffers (tensorboard/plugins/projector/projector_config.proto). */
function formatConfig(name: string): string {
  return [
    'embeddings {',
    `  tensor_name: ${JSON.stringify(name)}`,
    '  tensor_path: "tensors.tsv"',
    '  metadata_path: "metadata.tsv"',
    '  sprite {',
    '    image_path: "sprite.png"',
    '    single_image_dim: 28',
    '    single_image_dim: 28',
    '  }',
    '}',
    '',
  ].join('\n');
}
