import type { Command } from '../../src/cli/command.ts';
import { type Verb, verbs } from '../../src/cli/verbs.ts';
import { flagName, type Option } from '../../src/config/options.ts';
import { type ErrorCode, exitCodes } from '../../src/core/errors.ts';
import { alignColumns } from '../../src/core/table.ts';

/** Formats `docs/cli.md`: every command with its options, as the option tables say, and the exit codes. */
export async function formatCommandReference(): Promise<string> {
  const shown = verbs.filter(({ isHidden }) => isHidden !== true);
  const sections = await Promise.all(shown.map(async (verb) => formatCommand(verb, await verb.load())));
  return `${[introduction, formatContents(shown), commonOptions, ...sections, formatExitCodes()].join('\n\n')}\n`;
}

const introduction = `# The command line

Written by \`npm run docs\` out of the option tables. Change the tables, not this file.

An option's value comes from the first of these that has one: the flag; the variable \`MNIST_CNN_\` with the option's
name in capitals (\`MNIST_CNN_BATCH_SIZE\` for \`--batch-size\`); the config file; the default. \`mnist-cnn train --print-config\`
shows each value and where it came from. Commands that measure a model take the data that it was trained on, unless
flags name others ([data.md](data.md#a-models-own-data)).

The config file is \`--config FILE\`, else the first \`mnist-cnn.config.json\`, \`.yaml\` or \`.yml\` in the current folder or
one above it. Its keys are the names of the options of \`train\` in camel case (\`batchSize\`); \`mnist-cnn schema --of config\`
prints its JSON Schema. Paths in it are relative to it. The other commands take from it which data to use (\`dataset\`,
\`dataDir\`, \`mirror\`, \`offline\`).

Results go to stdout, everything else to stderr.`;

const commonOptions = `## Options of every command

| option | does |
| --- | --- |
| \`--json\` | results and errors as JSON: one object, or one a line |
| \`-q\`, \`--quiet\` | results only |
| \`--debug\` | show where errors come from |
| \`--no-color\` | no colors; so do the variables \`NO_COLOR\` and \`TERM=dumb\` |
| \`-h\`, \`--help\` | print the command's help |
| \`mnist-cnn --version\` | print the version |`;

function formatContents(shown: readonly Verb[]): string {
  const rows = shown.map(
    ({ name, aliases = [], summary }) =>
      `| [\`${name}\`](#${name}) | ${summary} | ${aliases.map((alias) => `\`${alias}\``).join(', ')} |`,
  );
  return ['| command | does | other names |', '| --- | --- | --- |', ...rows].join('\n');
}

function formatCommand({ name }: Verb, { summary, operands, examples, options }: Command): string {
  const usage = ['mnist-cnn', name, '[options]', operands ?? ''].join(' ').trimEnd();
  const lines = alignColumns(examples.map(([line, does]) => [line, `# ${does}`]));
  const rows = Object.entries(options).map(([key, option]) => formatOption(key, option));
  const table = ['| option | default | does | accepts |', '| --- | --- | --- | --- |', ...rows].join('\n');
  return [
    `## ${name}`,
    `${capitalize(summary)}: \`${usage}\``,
    ['```sh', lines, '```'].join('\n'),
    ...(rows.length > 0 ? [table] : []),
  ].join('\n\n');
}

function formatOption(key: string, option: Option<unknown>): string {
  const flag = `--${flagName(key)} ${option.placeholder ?? ''}`.trimEnd();
  const isSwitch = option.placeholder === undefined;
  const cells = [
    `\`${flag}\``,
    isSwitch ? '' : formatDefault(option.default),
    option.description,
    isSwitch ? '' : option.accepted,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function formatDefault(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? `\`${value}\`` : '';
}

const meanings: Readonly<Record<(typeof exitCodes)[ErrorCode], string>> = {
  1: 'a bug in this program; a log file holds the details',
  2: 'the flags, variables or config file are wrong; nothing was touched',
  65: 'an input is damaged, malformed or of a kind that is not read',
  66: 'an input is missing or cannot be read',
  69: 'the network, the native library or the platform is not available',
  71: 'the system has no memory or no process left',
  73: 'the output cannot be created; found before work began',
  74: 'the disk failed or is full during work',
  75: 'another run holds the folder; try later',
  80: 'training diverged: the loss or a weight is not finite',
  81: 'the accuracy is below `--min-accuracy`',
};

function formatExitCodes(): string {
  const rows = Object.entries(meanings).map(([code, meaning]) => {
    const words = Object.entries(exitCodes).filter(([, exit]) => exit === Number(code));
    return `| ${code} | ${meaning} | ${words.map(([word]) => `\`${word}\``).join(', ')} |`;
  });
  return [
    '## Exit codes',
    `0 is success. A process that a signal ended reports that signal (130 for Ctrl-C), after it has saved; 141 is a reader
of its output that went away. With \`--json\` an error is one line on stderr, \`{"error":{"code":…,"exit":…,"message":…}}\`,
where \`code\` is one of the words below.`,
    ['| code | when | words |', '| --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
}

function capitalize(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
