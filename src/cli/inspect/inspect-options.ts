import { choice, integer, path, text, toggle } from '../../config/options.ts';
import { dataOptions } from '../../config/train-options.ts';
import type { CommandContext } from '../command.ts';
import { modelOptions } from '../model-source.ts';
import { shiftOption } from './shift-option.ts';
import { tsneOptions } from './tsne-options.ts';

/** The options of `inspect`, which all its views share. */
export const inspectOptions = {
  ...modelOptions,
  arch: text({
    default: undefined,
    placeholder: '<name|FILE>',
    description: 'a network by name or file; alone, or with --weights or --untrained',
  }),
  filters: toggle({ description: 'draw the filters of the convolutions' }),
  maps: toggle({ description: 'draw the feature maps of an image, layer by layer' }),
  shift: shiftOption,
  ...tsneOptions,
  images: integer({
    default: undefined,
    minimum: 0,
    maximum: 1_000_000,
    description: 'the first n test images only (with --shift: 0 for none; with --tsne: 500 by default)',
  }),
  image: path({
    default: undefined,
    placeholder: '<file>',
    description: 'the picture to inspect, centered as predict does',
  }),
  index: integer({
    default: 0,
    minimum: 0,
    maximum: 999_999,
    description: 'or the example to inspect, counted from 0',
  }),
  split: choice({ default: 'test', choices: ['train', 'test'], description: 'the split to take it from' }),
  layer: text({
    default: undefined,
    placeholder: '<name|number>',
    description: 'only this layer, by its name or its number in the summary (default: all that can be drawn)',
  }),
  outDir: path({
    default: undefined,
    placeholder: '<folder>',
    description: "folder for the pictures (default: inspect/ in the model's folder, with --tsne tsne/)",
  }),
  ...dataOptions,
} as const;

/** What a view of `inspect` is given. */
export type InspectContext = CommandContext<typeof inspectOptions>;
