// Vitest's global setup: brings dist/ up to date before the tests, and in watch mode before each further run of them.
import { hasBuild, provideBuild } from '../setup/build.mjs';
import { formatError } from '../setup/errors.mjs';
import { createProgress } from '../setup/progress.mjs';

export async function setup(project) {
  await build();
  project.onTestsRerun(() => build().catch((error) => process.stderr.write(formatError(error, false))));
}

async function build() {
  if (!hasBuild()) await provideBuild(createProgress({ stream: process.stderr, quiet: true }));
}
