import { defineCommand } from '../command.ts';
import { usageError } from '../command-line.ts';
import { showFilters } from './filters-view.ts';
import { type InspectContext, inspectOptions } from './inspect-options.ts';
import { showMaps } from './maps-view.ts';
import { showShift } from './shift-view.ts';
import { showSummary } from './summary-view.ts';
import { showTsne } from './tsne-view.ts';

/** `mnist-cnn inspect`: looks into a network. */
export const inspect = defineCommand({
  name: 'inspect',
  examples: [
    ['mnist-cnn inspect', 'the layers of the model in models/net'],
    ['mnist-cnn inspect --arch conv3x3', 'the layers of a network by its name, without a model'],
    ['mnist-cnn inspect --filters', 'the filters of every convolution as pictures'],
    ['mnist-cnn inspect --filters --layer conv2d_2', 'the filters of one layer'],
    ['mnist-cnn inspect --maps --index 115', 'the feature maps of a test image'],
    ['mnist-cnn inspect --maps --image three.png', 'the feature maps of your own picture'],
    [
      'mnist-cnn inspect --shift 3 --index 115',
      'the effect of shifting it by 3 pixels; accuracy against shift',
    ],
    [
      'mnist-cnn inspect --shift -2,4 --image three.png --images 0',
      'shift left and down, for the picture alone',
    ],
    ['mnist-cnn inspect --tsne', 'a t-SNE map of 500 test images as the last layer sees them'],
  ],
  options: inspectOptions,
  run: (context) => chooseView(context)(context),
});

/** The view that a flag asks for, the summary without one. */
function chooseView({ options }: InspectContext): (context: InspectContext) => Promise<void> {
  const views = [
    { flag: '--filters', isAsked: options.filters, show: showFilters },
    { flag: '--maps', isAsked: options.maps, show: showMaps },
    { flag: '--shift', isAsked: options.shift !== undefined, show: showShift },
    { flag: '--tsne', isAsked: options.tsne, show: showTsne },
  ];
  const [first, second] = views.filter(({ isAsked }) => isAsked);
  if (first !== undefined && second !== undefined) {
    throw usageError('inspect', `${first.flag} and ${second.flag} cannot be used together`);
  }
  return first?.show ?? showSummary;
}
