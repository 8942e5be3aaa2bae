import fs from 'node:fs';
import path from 'node:path';
import { setupCommand } from '../../setup/command.mjs';
import { otherCacheCommand, SetupError } from '../../setup/errors.mjs';
import { findLibrary, type Library, listAddons, nodeApiLevel } from '../../setup/layout.mjs';
import { hasLibrary } from '../../setup/library.mjs';
import { tryAddons } from '../../setup/trial.mjs';
import { isForbidden } from './native.ts';
import { isNodeNewEnough } from './node-version.ts';

/** What one check of the installation found. */
export interface HealthCheck {
  readonly name: string;
  /** `missing`: nothing works without it. `warning`: something is worse without it. */
  readonly status: 'ok' | 'warning' | 'missing';
  readonly detail: string;
  /** The one command that repairs it. */
  readonly command?: string;
}

/** Checks Node, processor, library and addons, each on its own, and last all of them together in a child process. */
export async function checkBackend(): Promise<readonly HealthCheck[]> {
  const parts = [checkNode(), checkProcessor(), checkLibrary()];
  if (parts.some(isMissing)) return parts;
  const library = findLibrary();
  const addons = checkAddons(library);
  return isMissing(addons) ? [...parts, addons] : [...parts, addons, await checkLoading(library)];
}

/** Whether a check found that something needed is missing. */
export function isMissing(check: HealthCheck): boolean {
  return check.status === 'missing';
}

function checkNode(): HealthCheck {
  const { node, napi } = process.versions;
  const detail = `${node}, native interface ${napi}`;
  return isNodeNewEnough(node) && Number(napi) >= nodeApiLevel
    ? { name: 'Node', status: 'ok', detail }
    : {
        name: 'Node',
        status: 'missing',
        detail: `${detail}; 20.19 or newer is needed`,
        command: 'nvm install 22',
      };
}

function checkProcessor(): HealthCheck {
  const name = 'processor';
  const flags = readProcessorFlags();
  if (process.arch !== 'x64' || flags === undefined) return { name, status: 'ok', detail: process.arch };
  if (!flags.includes('avx')) {
    return {
      name,
      status: 'missing',
      detail:
        'lacks AVX, which the TensorFlow library requires; set MNIST_CNN_LIBTENSORFLOW to use another build',
      command: setupCommand('--help'),
    };
  }
  const known = ['avx', 'avx2', 'fma', 'avx512f'].filter((flag) => flags.includes(flag));
  return { name, status: 'ok', detail: `${process.arch} with ${known.join(', ')}` };
}

function readProcessorFlags(): readonly string[] | undefined {
  try {
    const line = /^flags\s*:(.*)$/m.exec(fs.readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
    return line?.trim().split(/\s+/);
  } catch {
    // Not Linux: the test run shows it.
    return undefined;
  }
}

function checkLibrary(): HealthCheck {
  const name = 'library';
  const library = findLibrary();
  const command = library.named
    ? `env -u MNIST_CNN_LIBTENSORFLOW ${setupCommand('--native')}`
    : setupCommand('--native');
  const [missing] = library.missing;
  if (missing !== undefined && isForbidden(missing)) {
    const detail = `${missing} cannot be read: permission denied`;
    return { name, status: 'missing', detail, command: otherCacheCommand() };
  }
  if (missing !== undefined)
    return { name, status: 'missing', detail: `${path.basename(missing)} is missing`, command };
  if (!hasLibrary()) {
    return { name, status: 'missing', detail: `a file in ${library.folder} has an unexpected size`, command };
  }
  const sizeBytes = fs.statSync(library.tensorflow).size + fs.statSync(library.framework).size;
  return { name, status: 'ok', detail: `${library.folder}, ${Math.round(sizeBytes / 1e6)} MB` };
}

function checkAddons(library: Library): HealthCheck {
  const name = 'addons';
  const absent = listAddons(library).filter(({ file }) => !fs.existsSync(file));
  if (absent.length === 0) {
    const names = listAddons(library).map((addon) => addon.name);
    return { name, status: 'ok', detail: names.join(', ') };
  }
  const names = absent.map((addon) => addon.name).join(', ');
  return absent.every(({ isOptional }) => isOptional === true)
    ? {
        name,
        status: 'warning',
        detail: `not compiled: ${names}; training is slow`,
        command: setupCommand('--native', '--rebuild'),
      }
    : { name, status: 'missing', detail: `not compiled: ${names}`, command: setupCommand('--native') };
}

async function checkLoading(library: Library): Promise<HealthCheck> {
  const name = 'TensorFlow';
  const there = listAddons(library).filter(({ file }) => fs.existsSync(file));
  const addons = Object.fromEntries(there.map((addon) => [addon.name, addon.file]));
  try {
    return { name, status: 'ok', detail: `${await tryAddons(library, addons)} loads and multiplies` };
  } catch (error) {
    return {
      name,
      status: 'missing',
      detail: error instanceof Error ? error.message : String(error),
      command: commandOf(error) ?? setupCommand('--native', '--rebuild'),
    };
  }
}

function commandOf(error: unknown): string | undefined {
  return error instanceof SetupError ? error.command : undefined;
}
