import { realpathSync } from 'node:fs';
import { checkNode } from '../backend/node-version.ts';
import { loadConfigFile } from '../config/config-file.ts';
import { trainPresets } from '../config/presets.ts';
import { checkFlags, resolveOptions } from '../config/resolve.ts';
import { formatErrno, TrainerError } from '../core/errors.ts';
import { createOutput, type Output, reportError } from './output.ts';
import { type Call, formatShortHelp, parseCommandLine } from './parser.ts';
import { readVersion } from './version.ts';

/** Runs one command line, given as words, and returns the exit code. */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  const version = readVersion();
  if (words.length === 0) {
    process.stderr.write(formatShortHelp(version));
    return 2;
  }
  let output = createOutput(
    { json: words.includes('--json'), debug: words.includes('--debug') },
    process.env,
  );
  process.on('uncaughtException', (error) => {
    process.exit(reportError(error, output));
  });
  process.on('exit', () => {
    // Node's own code for a program that waits for what will never come.
    if (process.exitCode === 13)
      process.exitCode = reportError(new Error('it exited before its work was done'), output);
  });
  try {
    checkNode();
    const call = await parseCommandLine(words, version);
    if (call === undefined) return 0;
    output = createOutput(call.common, process.env);
    return (await runCall(call, { output, version })) ?? 0;
  } catch (error) {
    return reportError(error, output);
  }
}

async function runCall(
  call: Call,
  surroundings: { readonly output: Output; readonly version: string },
): Promise<number | void> {
  const { command, operands, flags } = call;
  checkFlags(command.options, flags);
  const given = flags['config'] ?? process.env['MNIST_CNN_CONFIG'];
  checkWorkingFolder();
  const file = await loadConfigFile(typeof given === 'string' ? given : undefined, process.cwd());
  const { values, origins } = resolveOptions(command.options, {
    flags,
    environment: process.env,
    file,
    presets: trainPresets,
  });
  try {
    return await command.run({
      verb: command.name,
      operands,
      options: values,
      origins,
      flags,
      ...surroundings,
    });
  } catch (error) {
    const failed = { verb: command.name, operands, flags, options: values };
    return reportError(error, surroundings.output, failed);
  }
}

/** A working folder that was deleted would send Node's own mkdir into an endless loop. */
function checkWorkingFolder(): void {
  try {
    realpathSync.native('.');
  } catch (error) {
    throw new TrainerError('E_NO_INPUT', `the current folder no longer exists: ${formatErrno(error)}`, {
      hint: 'Change to one that exists:',
      command: 'cd',
      cause: error,
    });
  }
}
