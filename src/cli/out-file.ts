import type { Origin } from '../config/resolve.ts';
import { escapeText, TrainerError } from '../core/errors.ts';

/**
 * The file that `--out` names, where the call gives it: a config file's `out` is meant for `train`.
 *
 * @throws TrainerError `E_USAGE` where its name has none of the `endings`.
 */
export function findOutFile(
  call: {
    readonly options: { readonly out: string | undefined };
    readonly origins: { readonly out: Origin };
  },
  endings: readonly string[],
): string | undefined {
  const { out } = call.options;
  if (call.origins.out !== 'flag' || out === undefined) return undefined;
  if (endings.some((ending) => out.toLowerCase().endsWith(ending))) return out;
  throw new TrainerError(
    'E_USAGE',
    `--out is "${escapeText(out)}", expected a name that ends in ${endings.join(' or ')}`,
  );
}
