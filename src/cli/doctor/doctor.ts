import { checkBackend, type HealthCheck, isMissing } from '../../backend/health.ts';
import { dataOptions } from '../../config/train-options.ts';
import { escapeText } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';
import { formatCommand, spellProgram } from '../command-line.ts';
import { checkSurroundings } from './surroundings.ts';

const { dataDir } = dataOptions;
const marks = { ok: 'ok     ', warning: 'warning', missing: 'missing' } as const;

/** `mnist-cnn doctor`: checks each link of the installation and names the command that repairs it. */
export const doctor = defineCommand({
  name: 'doctor',
  examples: [
    ['mnist-cnn doctor', 'one line per check; exits with 69 if something required is missing'],
    ['mnist-cnn doctor --json', 'the same report as JSON'],
  ],
  options: { dataDir },
  run: async ({ options, flags, output }) => {
    const checks = [...(await checkBackend()), ...(await checkSurroundings(options.dataDir))];
    const isHealthy = !checks.some(isMissing);
    if (output.json) output.result({ ok: isHealthy, checks });
    else for (const check of checks) output.result(formatCheck(check));
    output.next(checks.find(isMissing)?.command ?? formatCommand('train', { flags }));
    return isHealthy ? 0 : 69;
  },
});

function formatCheck({ name, status, detail, command }: HealthCheck): string {
  const repair = command === undefined ? '' : `\n                    ${spellProgram(command)}`;
  return `${marks[status]} ${name.padEnd(11)} ${escapeText(detail)}${repair}`;
}
