import type { LayersModel, layers, Variable } from '@tensorflow/tfjs-node';
import { tf } from '../backend/tf.ts';
import type { Architecture } from './architectures.ts';
import { followShapes, type LayerShape } from './shapes.ts';

/** A network in memory: its design, and the tfjs model that holds its weights. */
export interface Model {
  readonly architecture: Architecture;
  readonly network: LayersModel;
}

type Layer = layers.Layer;

/** Builds the tfjs layers model of an architecture, its weights all zero: `initializeWeights` or `writeWeights` sets them. */
export function buildModel(architecture: Architecture): Model {
  const network = tf.sequential({ name: architecture.name.replaceAll('-', '_') });
  followShapes(architecture).forEach((shape, index) => {
    network.add(buildLayer(shape, index === 0 ? { inputShape: [28, 28, 1] } : {}));
  });
  return { architecture, network };
}

/** The trainable variables, in the order of `weightShapes`: each layer's kernel, then its bias. */
export function trainableVariables(model: Model): Variable[] {
  // tfjs hides the variable behind its layer variable; minimizing and assigning need it itself.
  return model.network.trainableWeights.map((weight) => (weight as unknown as { val: Variable }).val);
}

/** Frees a model's memory. */
export function disposeModel(model: Model): void {
  model.network.dispose();
}

function buildLayer({ name, layer }: LayerShape, input: { inputShape?: number[] }): Layer {
  const zeros = { kernelInitializer: 'zeros', biasInitializer: 'zeros' } as const;
  switch (layer.type) {
    case 'conv2d': {
      const { filters, kernelSize, padding, strides = 1, useBias = true } = layer;
      const activation = layer.activation === undefined ? {} : { activation: layer.activation };
      return tf.layers.conv2d({
        name,
        filters,
        kernelSize,
        padding,
        strides,
        useBias,
        ...activation,
        ...zeros,
        ...input,
      });
    }
    case 'dense': {
      const { units, useBias = true } = layer;
      const activation = layer.activation === undefined ? {} : { activation: layer.activation };
      return tf.layers.dense({ name, units, useBias, ...activation, ...zeros, ...input });
    }
    case 'maxPooling2d':
    case 'averagePooling2d': {
      const { poolSize, strides = poolSize } = layer;
      return tf.layers[layer.type]({ name, poolSize, strides, padding: 'valid', ...input });
    }
    case 'flatten':
      return tf.layers.flatten({ name, ...input });
    case 'dropout':
      return tf.layers.dropout({ name, rate: layer.rate, ...input });
  }
}
