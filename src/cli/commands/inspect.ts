import { TrainerError } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';
import { showFilters } from '../inspect/filters-view.ts';
import { type InspectContext, inspectOptions } from '../inspect/inspect-options.ts';
import { showSummary } from '../inspect/summary-view.ts';

/** `mnist-cnn inspect`: looks into a network. */
export const inspect = defineCommand({
  name: 'inspect',
  summary: 'look into a network: its layers, their shapes and costs',
  examples: [
    ['mnist-cnn inspect', 'the layers of the model in models/net'],
    ['mnist-cnn inspect --arch conv3x3', 'those of a network by its name, without a model'],
    ['mnist-cnn inspect --filters', 'the filters of every convolution as pictures'],
    ['mnist-cnn inspect --filters --layer conv2d_2', 'those of one layer'],
  ],
  options: inspectOptions,
  run: (context) => chooseView(context)(context),
});

/** The view that a flag asks for, the summary without one. */
function chooseView({ options }: InspectContext): (context: InspectContext) => Promise<void> {
  const views = [{ flag: '--filters', isAsked: options.filters, show: showFilters }];
  const [first, second] = views.filter(({ isAsked }) => isAsked);
  if (first !== undefined && second !== undefined) {
    throw new TrainerError('E_USAGE', `${first.flag} and ${second.flag} exclude each other`, {
      command: 'mnist-cnn inspect --help',
    });
  }
  return first?.show ?? showSummary;
}
