import nodePath from 'node:path';
import { errnoOf, escapeText } from '../core/errors.ts';
import { fileError, readFileCapped } from '../core/files.ts';
import { maxYamlBytes, parseYaml } from '../core/yaml-file.ts';
import { isKnownOption, isListOption } from './train-options.ts';

/** A config file's entries as texts, checked by the same parsers as the flags. */
export interface ConfigFile {
  readonly path: string;
  /** By option key; `place` is `file:line:column`. */
  readonly entries: ReadonlyMap<string, { readonly text: string; readonly place: string }>;
  /** `run` where it is a stored run's config instead, whose paths stand as they were given. */
  readonly origin: 'file' | 'run';
}

const names = ['mnist-cnn.config.json', 'mnist-cnn.config.yaml', 'mnist-cnn.config.yml'] as const;

/**
 * Finds the config file: `given`, else the first of `mnist-cnn.config.{json,yaml,yml}` in `folder` or a folder above.
 *
 * @throws TrainerError `E_NO_INPUT` where the given file is missing, `E_CONFIG` where it cannot be understood.
 */
export async function loadConfigFile(
  given: string | undefined,
  folder: string,
): Promise<ConfigFile | undefined> {
  if (given !== undefined) return parseConfig(given, readFileCapped(given, maxYamlBytes, 'E_CONFIG'));
  const found = await findConfigFile(folder);
  if (found === undefined) return undefined;
  return parseConfig(found, readFileCapped(found, maxYamlBytes, 'E_CONFIG'));
}

async function findConfigFile(folder: string): Promise<string | undefined> {
  const { lilconfigSync } = await import('lilconfig');
  const keepPath = (file: string) => ({ file });
  try {
    const search = withHome(() =>
      lilconfigSync('mnist-cnn', {
        searchPlaces: [...names],
        loaders: { '.json': keepPath, '.yaml': keepPath, '.yml': keepPath },
      }),
    );
    return search.search(folder)?.filepath;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    throw fileError(error, 'read', nodePath.join(folder, names[0]), 'E_NO_INPUT');
  }
}

/** lilconfig asks for the home folder, above which it does not search, and throws for a user who has none. */
function withHome<Result>(create: () => Result): Result {
  const home = process.env['HOME'];
  if (home === undefined) process.env['HOME'] = nodePath.parse(process.cwd()).root;
  try {
    return create();
  } finally {
    if (home === undefined) delete process.env['HOME'];
  }
}

/** Reads JSON or YAML into entries with their places. */
async function parseConfig(path: string, bytes: Uint8Array): Promise<ConfigFile> {
  const { isMap, isScalar, isSeq } = await import('yaml');
  const { document, place, fail } = await parseYaml(path, bytes, 'E_CONFIG');
  const entries = new Map<string, { text: string; place: string }>();
  if (document.contents === null) return { path, entries, origin: 'file' };
  if (!isMap(document.contents)) throw fail(`${place(0)}: expected "option: value" lines or a JSON object`);
  for (const { key, value } of document.contents.items) {
    const option = isScalar(key) ? String(key.value) : '';
    const where = place(isScalar(key) ? key.range?.[0] : 0);
    if (!isKnownOption(option)) throw fail(`${where}: unknown option "${escapeText(option)}"`);
    if (isSeq(value) && !isListOption(option))
      throw fail(`${where}: ${option} is a list, expected one value`);
    const parts = isSeq(value) ? value.items : [value];
    if (
      !parts.every((part) => isScalar(part) && ['string', 'number', 'boolean'].includes(typeof part.value))
    ) {
      throw fail(`${where}: ${option} is not a text, a number, true, false or a list of these`);
    }
    entries.set(option, {
      text: parts.map((part) => String(isScalar(part) ? part.value : '')).join(','),
      place: where,
    });
  }
  return { path, entries, origin: 'file' };
}
