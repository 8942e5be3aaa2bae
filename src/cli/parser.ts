import { CommanderError, Option as Flag, Command as Parser } from 'commander';
import { type Flags, flagName, type Option } from '../config/options.ts';
import { TrainerError } from '../core/errors.ts';
import { alignColumns } from '../core/table.ts';
import type { Command } from './command.ts';
import { type OutputFlags, writeAnswer } from './output.ts';
import { type Verb, verbs } from './verbs.ts';

/** What a command line asks for. */
export interface Call {
  readonly command: Command;
  readonly operands: readonly string[];
  /** The command's own flags. */
  readonly flags: Flags;
  readonly common: OutputFlags;
}

const commonKeys = ['json', 'quiet', 'debug', 'color'];

/**
 * Understands a command line. Help and version are printed here, and nothing is left to do (`undefined`).
 *
 * @throws TrainerError `E_USAGE` for an unknown command or flag, with a suggestion where one is near.
 */
export async function parseCommandLine(words: readonly string[], version: string): Promise<Call | undefined> {
  const spelled = words.map((word) => (word.startsWith('--') ? spellFlag(word) : word));
  const verb = findVerb(spelled);
  const command = await verb?.load();
  let call: Call | undefined;
  const program = buildProgram(version);
  const parser = program.commands.find((each) => each.name() === verb?.name);
  if (parser !== undefined && command !== undefined) {
    describeCommand(parser, command);
    parser.action((...given: readonly unknown[]) => {
      const { flags, common } = sortFlags(parser.opts());
      const operands = command.operands === undefined ? [] : (given[0] as readonly string[]);
      call = { command, operands, flags, common };
    });
  }
  try {
    await program.parseAsync(command === undefined ? spelled : repeatFlags(spelled, command), {
      from: 'user',
    });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw usageError(error, verb);
  }
  return call;
}

/** The list of verbs, as `mnist-cnn --help` prints it. */
export function formatShortHelp(version: string): string {
  return buildProgram(version).helpInformation();
}

/** Accepts the spelling of Python's tools: `--batch_size=50` is `--batch-size=50`. */
function spellFlag(word: string): string {
  const [flag = '', ...value] = word.split('=');
  return [flag.replaceAll('_', '-'), ...value].join('=');
}

/**
 * Gives each further value of a flag that takes several a flag of its own: `--model a b` is `--model a --model b`. Where a
 * command has no operands, all words after the first value are values.
 */
function repeatFlags(words: readonly string[], { options, operands }: Command): readonly string[] {
  const repeatable = Object.entries(options).flatMap(([key, { isFurther }]) =>
    isFurther === undefined ? [] : [{ flag: `--${flagName(key)}`, isFurther }],
  );
  let last: (typeof repeatable)[number] | undefined;
  let isFirst = false;
  return words.flatMap((word) => {
    if (isFirst) {
      isFirst = false;
      return [word];
    }
    if (last !== undefined && !word.startsWith('-') && (operands === undefined || last.isFurther(word))) {
      return [last.flag, word];
    }
    last = repeatable.find(({ flag }) => word.split('=')[0] === flag);
    isFirst = word === last?.flag;
    return [word];
  });
}

function findVerb(words: readonly string[]): Verb | undefined {
  const [first = '', second = ''] = words.filter((word) => !word.startsWith('-'));
  const name = first === 'help' ? second : first;
  return verbs.find((verb) => verb.name === name || verb.aliases?.includes(name));
}

/** The program with all its verbs, of which none knows its options yet. */
function buildProgram(version: string): Parser {
  const program = new Parser('mnist-cnn')
    .description('Trains a convolutional network on the MNIST digits and reads digits in pictures.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .configureOutput({ writeOut: writeAnswer, writeErr: () => undefined })
    .exitOverride()
    .addHelpText(
      'after',
      '\nFirst steps:\n  mnist-cnn train          train the network cnn on MNIST\n  mnist-cnn train --help   every option, with examples',
    );
  for (const { name, aliases = [], isHidden = false, summary } of verbs) {
    program.command(name, { hidden: isHidden }).description(summary).aliases(aliases);
  }
  return program;
}

function describeCommand(parser: Parser, command: Command): void {
  if (command.operands !== undefined) parser.argument(command.operands);
  for (const [key, option] of Object.entries(command.options)) parser.addOption(describeOption(key, option));
  parser
    .option('--json', 'print results and errors as JSON')
    .option('-q, --quiet', 'print results only')
    .option('--debug', 'print stack traces of errors')
    .option('--no-color', 'print without colors')
    .addHelpText('after', `\nExamples:\n${alignColumns(command.examples).replaceAll(/^/gm, '  ')}`);
}

function describeOption(key: string, option: Option<unknown>): Flag {
  const placeholder = option.placeholder ?? '';
  const shown = placeholder.startsWith('[') || placeholder.startsWith('<') ? placeholder : `<${placeholder}>`;
  const flag = new Flag(
    placeholder === '' ? `--${flagName(key)}` : `--${flagName(key)} ${shown}`,
    `${option.description}${formatDefault(option.default)}`,
  );
  if (option.isFurther === undefined) return flag;
  return flag.argParser((value, before?: readonly string[]) => [...(before ?? []), value]);
}

/** A default as the help shows it; none for switches, empty lists and what the description explains itself. */
function formatDefault(value: unknown): string {
  const isShown = typeof value === 'string' || typeof value === 'number';
  return isShown ? ` (default: ${value})` : '';
}

function sortFlags(given: Readonly<Record<string, unknown>>): Pick<Call, 'flags' | 'common'> {
  const flags: Record<string, Flags[string]> = {};
  for (const [key, value] of Object.entries(given)) {
    if (!commonKeys.includes(key) && (typeof value === 'string' || value === true || Array.isArray(value)))
      flags[key] = value;
  }
  return {
    flags,
    common: {
      json: given['json'] === true,
      quiet: given['quiet'] === true,
      debug: given['debug'] === true,
      color: given['color'] !== false,
    },
  };
}

function usageError(error: CommanderError, verb: Verb | undefined): TrainerError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const hint = suggestion?.replace(/^\((.*)\)$/, '$1');
  return new TrainerError('E_USAGE', message.replaceAll("'", '"'), {
    ...(hint === undefined ? {} : { hint }),
    command: verb === undefined ? 'mnist-cnn --help' : `mnist-cnn ${verb.name} --help`,
  });
}
