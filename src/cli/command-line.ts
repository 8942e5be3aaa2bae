import fs from 'node:fs';
import nodePath from 'node:path';
import { quote } from '../../setup/escape.mjs';
import { type Flags, flagName } from '../config/options.ts';
import { type ErrorDetails, TrainerError } from '../core/errors.ts';

type FlagValue = string | number | boolean | undefined;

/** The words of a command line besides its verb. */
export interface CommandWords {
  readonly operands?: readonly string[];
  /** Values by option key; `true` for a flag without one, nothing for `undefined` and `false`, one flag for each of several. */
  readonly flags?: Readonly<Record<string, FlagValue | readonly string[]>>;
}

/** A command as a shell takes it; `spellProgram` gives it the name that works here when it is printed. */
export function formatCommand(verb: string, { operands = [], flags = {} }: CommandWords = {}): string {
  const words = Object.entries(flags)
    .flatMap(([key, value]) => [value].flat().map((each) => [`--${flagName(key)}`, each] as const))
    .filter(([, value]) => !hasPassword(value))
    .flatMap(([flag, value]) => formatFlag(flag, value));
  return ['mnist-cnn', verb, ...operands.map(quote), ...words].join(' ');
}

/** A call as it was typed, with some flags set to other values; `undefined` leaves one out. */
export function repeatCommand(
  call: {
    readonly verb: string;
    readonly operands: readonly string[];
    readonly flags: CommandWords['flags'];
  },
  changes: CommandWords['flags'],
): string {
  return formatCommand(call.verb, { operands: call.operands, flags: { ...call.flags, ...changes } });
}

/** The error for a call that is not as its command wants it, which the command's help explains. */
export function usageError(verb: string, message: string, details: ErrorDetails = {}): TrainerError {
  return new TrainerError('E_USAGE', message, { ...details, command: `mnist-cnn ${verb} --help` });
}

/** Of the flags of a call those in this table or list, to be given to the next command as they were typed. */
export function pickFlags(flags: Flags, keys: readonly string[]): Flags {
  return Object.fromEntries(Object.entries(flags).filter(([key]) => keys.includes(key)));
}

/**
 * A printed command, or what it ends with after `&&`, with the program's name as it can be typed here: `mnist-cnn` where the
 * search path has it, `npx mnist-cnn` in and below a folder that has it as a package, and Node with the program's file
 * elsewhere.
 */
export function spellProgram(command: string): string {
  return command.replace(
    /(^|.* && )((?:[A-Z_]+=(?:'[^']*'|\S+) )*)mnist-cnn(?= |$)/,
    (_, before: string, variables: string) => `${before}${variables}${findProgram()}`,
  );
}

function findProgram(): string {
  const name = 'mnist-cnn';
  // npm and npx put these folders in front for the programs that they start: the user's shell does not have them.
  const searched = (process.env['PATH'] ?? '')
    .split(nodePath.delimiter)
    .filter(
      (folder) => nodePath.isAbsolute(folder) && !folder.endsWith(nodePath.join('node_modules', '.bin')),
    );
  if (searched.some((folder) => fs.existsSync(nodePath.join(folder, name)))) return name;
  for (let folder = process.cwd(); ; folder = nodePath.dirname(folder)) {
    if (holdsProgram(folder)) return `npx ${name}`;
    if (folder === nodePath.dirname(folder)) break;
  }
  const file = process.argv[1] ?? name;
  return `${file.endsWith('.ts') ? 'npx tsx' : 'node'} ${quote(file)}`;
}

/** Whether npx finds the program here: as an installed package, or as this very package. */
function holdsProgram(folder: string): boolean {
  if (fs.existsSync(nodePath.join(folder, 'node_modules', '.bin', 'mnist-cnn'))) return true;
  const program = nodePath.join(folder, 'dist', 'cli', 'main.js');
  return fs.existsSync(nodePath.join(folder, 'package.json')) && isSame(program, process.argv[1] ?? '');
}

function isSame(file: string, other: string): boolean {
  try {
    return fs.realpathSync(file) === fs.realpathSync(other);
  } catch {
    return false;
  }
}

/** What is printed may be seen by others: an address with a name and a password is left out. */
function hasPassword(value: unknown): boolean {
  return typeof value === 'string' && /:\/\/[^/]*@/.test(value);
}

function formatFlag(flag: string, value: FlagValue): readonly string[] {
  if (value === undefined || value === false) return [];
  if (value === true) return [flag];
  const text = String(value);
  // A value that looks like a flag would be taken for one.
  return text === '' || text.startsWith('-') ? [`${flag}=${quote(text)}`] : [flag, quote(text)];
}
