// What `npm test` does after setup: format, lint, types, tests. Further arguments go to vitest. The last line counts.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packageFolder, resolvePackage } from '../setup/layout.mjs';

const checks = [
  { name: 'format', tool: ['@biomejs/biome', 'bin/biome'], words: ['check', '--colors=off'] },
  { name: 'lint', tool: ['oxlint', 'bin/oxlint'], words: ['--type-aware'] },
  { name: 'types', tool: ['typescript', 'bin/tsc'], words: ['-p', 'test', '--noEmit', '--pretty', 'false'] },
];

const failedChecks = checks.filter((check) => !runCheck(check)).length;
const tests = runTests(process.argv.slice(2));
const failed = tests.failed + failedChecks;
const skipped = tests.skipped > 0 ? `, ${tests.skipped} skipped` : '';
console.log(`${tests.passed} passed, ${failed} failed${skipped}`);
process.exitCode = failed === 0 && tests.exitCode === 0 ? 0 : 1;

function runCheck({ name, tool, words }) {
  const startedMs = performance.now();
  const result = spawnSync(process.execPath, [findProgram(tool), ...words], {
    cwd: packageFolder,
    encoding: 'utf8',
  });
  const isGood = result.status === 0;
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${name}: ${isGood ? 'ok' : 'failed'} (${seconds} s)`);
  if (!isGood)
    console.log(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`.trimEnd());
  return isGood;
}

function runTests(words) {
  const startedMs = performance.now();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mnist-cnn-test-'));
  const report = path.join(folder, 'report.json');
  try {
    const vitest = findProgram(['vitest', 'vitest.mjs']);
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...words], {
      cwd: packageFolder,
      stdio: 'inherit',
    });
    console.log(
      `tests: ${status === 0 ? 'ok' : 'failed'} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`,
    );
    return { ...countTests(report), exitCode: status ?? 1 };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

// A test file that cannot be loaded, and a run without a report, have no tests to count: each is one failure.
function countTests(report) {
  if (!fs.existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    fs.readFileSync(report, 'utf8'),
  );
  const unloadable = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  ).length;
  return {
    passed: numPassedTests,
    failed: numFailedTests + unloadable,
    skipped: numPendingTests + numTodoTests,
  };
}

function findProgram([packageName, file]) {
  return path.join(resolvePackage(packageName), file);
}
