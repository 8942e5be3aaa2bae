import type { Flags, OptionTable, OptionValues } from '../config/options.ts';
import type { Origin } from '../config/resolve.ts';
import type { Output } from './output.ts';

/** What a command is given when it runs. */
export interface CommandContext<Table extends OptionTable> {
  /** The name of the command that was called. */
  readonly verb: string;
  /** The words that are not flags: files, a shell's name. */
  readonly operands: readonly string[];
  readonly options: OptionValues<Table>;
  /** Where each option's value came from. */
  readonly origins: { readonly [Name in keyof Table]: Origin };
  /** The flags as they were written, by option key. */
  readonly flags: Flags;
  readonly output: Output;
  readonly version: string;
}

/** A verb of the command line, as a value. */
export interface Command<Table extends OptionTable = OptionTable> {
  readonly name: string;
  /** How the operands are written in the help: `[file...]`; none if absent. */
  readonly operands?: string;
  /** Lines for the help: a command and what it does. */
  readonly examples: readonly (readonly [command: string, does: string])[];
  readonly options: Table;
  /** Does the work; resolves to the exit code where it is not 0. */
  readonly run: (context: CommandContext<Table>) => Promise<number | void>;
}

/** Makes a command whose `run` sees its options with their types; the caller of all commands sees them without. */
export function defineCommand<const Table extends OptionTable>(command: Command<Table>): Command {
  // `main` hands each command the values of that command's own table.
  return command as unknown as Command;
}
