import nodePath from 'node:path';
import { escapeText, TrainerError } from '../core/errors.ts';
import type { ConfigFile } from './config-file.ts';
import {
  type Flags,
  flagName,
  type Option,
  type OptionTable,
  type OptionValues,
  variableName,
} from './options.ts';
import type { Presets } from './presets.ts';

/** Where a value came from. */
export type Origin = 'flag' | 'variable' | 'file' | 'run' | 'preset' | 'default';

/** What can set an option, strongest first: flag, variable, config file, preset. */
export interface OptionSources {
  readonly flags: Flags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file?: ConfigFile | undefined;
  /** What the option `preset` may name. */
  readonly presets?: Presets;
}

/** The values of a command's options, and where each came from. */
export interface ResolvedOptions<Table extends OptionTable> {
  readonly values: OptionValues<Table>;
  readonly origins: { readonly [Name in keyof Table]: Origin };
}

/**
 * Settles every option of a table: flag over variable over config file over preset over default.
 *
 * @throws TrainerError `E_USAGE` or `E_CONFIG`, naming the flag, the variable or the file's line, and what is accepted.
 */
export function resolveOptions<Table extends OptionTable>(
  table: Table,
  sources: OptionSources,
): ResolvedOptions<Table> {
  const values: Record<string, unknown> = {};
  const origins: Record<string, Origin> = {};
  const preset = resolvePreset(table, sources);
  for (const [key, option] of Object.entries(table)) {
    const settled = resolveOption(key, option, { ...sources, preset });
    values[key] = settled.value;
    origins[key] = settled.origin;
  }
  // The loop above has set every key of the table by its own parser.
  return { values, origins } as ResolvedOptions<Table>;
}

/** Checks the flags alone, which needs no file: a mistyped flag is reported before anything is read. */
export function checkFlags(table: OptionTable, flags: OptionSources['flags']): void {
  for (const [key, option] of Object.entries(table)) {
    const given = flags[key];
    if (given !== undefined) parseFlag(key, option, given);
  }
}

/** The texts of the chosen preset. */
function resolvePreset(table: OptionTable, sources: OptionSources): Presets[string] | undefined {
  const option = table['preset'];
  if (option === undefined || sources.presets === undefined) return undefined;
  const { value } = resolveOption('preset', option, sources);
  return typeof value === 'string' ? sources.presets[value] : undefined;
}

function resolveOption(
  key: string,
  option: Option<unknown>,
  sources: OptionSources & { readonly preset?: Presets[string] | undefined },
): { readonly value: unknown; readonly origin: Origin } {
  const given = sources.flags[key];
  if (given !== undefined) return { value: parseFlag(key, option, given), origin: 'flag' };
  const variable = sources.environment[variableName(key)];
  if (variable !== undefined) return { value: parseVariable(key, option, variable), origin: 'variable' };
  const entry = sources.file?.entries.get(key);
  if (entry !== undefined && sources.file !== undefined) {
    const value = option.parse(entry.text);
    if (value === undefined) {
      throw new TrainerError(
        'E_CONFIG',
        `${entry.place}: ${key} is ${escapeText(entry.text)}, expected ${option.accepted}`,
        { path: sources.file.path },
      );
    }
    const isWord =
      option.words?.includes(entry.text) === true || option.filePattern?.test(entry.text) === false;
    const isRelative = option.isPath === true && !isWord && sources.file.origin === 'file';
    return { value: isRelative ? relativeTo(sources.file.path, value) : value, origin: sources.file.origin };
  }
  const text = sources.preset?.[key];
  if (text !== undefined) return { value: option.parse(text), origin: 'preset' };
  return { value: option.default, origin: 'default' };
}

function parseFlag(key: string, option: Option<unknown>, given: Flags[string]): unknown {
  if (given === true && option.bare !== undefined) return option.bare;
  if (typeof given === 'object') return given.flatMap((each) => parseFlag(key, option, each));
  const value = given === true ? undefined : option.parse(given);
  if (value === undefined) {
    throw new TrainerError(
      'E_USAGE',
      `--${flagName(key)} is "${escapeText(String(given))}", expected ${option.accepted}`,
    );
  }
  return value;
}

function parseVariable(key: string, option: Option<unknown>, given: string): unknown {
  const value = option.parse(given);
  if (value === undefined) {
    throw new TrainerError(
      'E_CONFIG',
      `the variable ${variableName(key)} is "${escapeText(given)}", expected ${option.accepted}`,
    );
  }
  return value;
}

/** Paths in a config file are relative to it; addresses stay as they are. */
function relativeTo(file: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => relativeTo(file, item));
  if (typeof value !== 'string' || /^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return value;
  return nodePath.resolve(nodePath.dirname(file), value);
}
