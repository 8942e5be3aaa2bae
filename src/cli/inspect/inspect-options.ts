import { text } from '../../config/options.ts';
import type { CommandContext } from '../command.ts';
import { modelOptions } from '../model-source.ts';

/** The options of `inspect`, which all its views share. */
export const inspectOptions = {
  ...modelOptions,
  arch: text({
    default: undefined,
    placeholder: '<name>',
    description: 'a network by its name: alone, with --weights or with --untrained',
  }),
} as const;

/** What a view of `inspect` is given. */
export type InspectContext = CommandContext<typeof inspectOptions>;
