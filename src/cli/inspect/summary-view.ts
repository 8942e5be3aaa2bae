import { loadTensorFlow } from '../../backend/tf.ts';
import type { Architecture } from '../../model/architectures.ts';
import { followShapes } from '../../model/shapes.ts';
import { describeLayer, formatSummary } from '../../model/summary.ts';
import { openArchitecture } from '../architecture-source.ts';
import { formatCommand } from '../command-line.ts';
import { checkModelSource, findModelSource, formatModelSource, openModel } from '../model-source.ts';
import { formatNext } from '../next-view.ts';
import type { InspectContext } from './inspect-options.ts';

/** Prints the network as a table; one that is named by `--arch` alone needs neither a model nor TensorFlow. */
export async function showSummary(context: InspectContext): Promise<void> {
  const { output } = context;
  const design = await openDesign(context);
  const { name, architecture } = design ?? (await openModelArchitecture(context));
  output.result(output.json ? summarize(name, architecture) : formatSummary(architecture));
  output.next(
    design === undefined ? formatNext(context, 'eval') : formatCommand('train', { flags: { arch: name } }),
  );
}

interface NamedArchitecture {
  /** The model's name, or the network's own where there is no model. */
  readonly name: string;
  readonly architecture: Architecture;
}

/** The network that `--arch` names without a model. */
async function openDesign({ options, origins }: InspectContext): Promise<NamedArchitecture | undefined> {
  const { arch, weights, untrained } = options;
  if (arch === undefined || origins.arch !== 'flag' || origins.model === 'flag') return undefined;
  if (weights !== undefined || untrained) return undefined;
  return { name: arch, architecture: (await openArchitecture(arch)).architecture };
}

async function openModelArchitecture({
  options,
  origins,
  output,
}: InspectContext): Promise<NamedArchitecture> {
  const source = findModelSource(options, origins, 'inspect');
  checkModelSource(source);
  await loadTensorFlow();
  const { architecture } = await openModel(source, output);
  return { name: formatModelSource(source), architecture };
}

function summarize(model: string, architecture: Architecture) {
  const shapes = followShapes(architecture);
  return {
    model,
    architecture: architecture.name,
    inputShape: shapes[0]?.inputShape ?? [],
    layers: shapes.map(({ name, layer, outputShape, parameters, multiplyAdds }) => ({
      name,
      layer: describeLayer(layer),
      outputShape,
      parameters,
      multiplyAdds,
    })),
    parameters: shapes.reduce((sum, { parameters }) => sum + parameters, 0),
    multiplyAdds: shapes.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0),
  };
}
