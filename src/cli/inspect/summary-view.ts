import type { Architecture } from '../../model/architectures.ts';
import { followShapes } from '../../model/shapes.ts';
import { describeLayer, formatSummary } from '../../model/summary.ts';
import { openArchitecture } from '../architecture-source.ts';
import { formatCommand } from '../command-line.ts';
import { formatNext } from '../next-view.ts';
import type { InspectContext } from './inspect-options.ts';
import { openInspected } from './inspected-model.ts';

/** Prints the network as a table; one that is named by `--arch` alone needs neither a model nor TensorFlow. */
export async function showSummary(context: InspectContext): Promise<void> {
  const { options, output } = context;
  const design = isDesign(context) ? options.arch : undefined;
  const { name, model } =
    design === undefined
      ? await openInspected(context)
      : { name: design, model: await openArchitecture(design) };
  output.result(output.json ? summarize(name, model.architecture) : formatSummary(model.architecture));
  output.next(
    design === undefined ? formatNext(context, 'eval') : formatCommand('train', { flags: { arch: name } }),
  );
}

/** Whether `--arch` names a network without a model. */
function isDesign({ options, origins }: InspectContext): boolean {
  const isModel = origins.model === 'flag' || options.weights !== undefined || options.untrained;
  return origins.arch === 'flag' && !isModel;
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
