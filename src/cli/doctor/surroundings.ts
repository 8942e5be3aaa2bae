import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { loadMnist } from '#mnist-dataset-loader';
import { otherCacheCommand } from '../../../setup/errors.mjs';
import { cacheFolder } from '../../../setup/layout.mjs';
import type { HealthCheck } from '../../backend/health.ts';
import { formatErrno } from '../../core/errors.ts';
import { suggestFolder } from '../advice.ts';
import { formatCommand } from '../command-line.ts';

/** Checks what surrounds the program: data, fonts, and whether the folders it writes to can be written. */
export async function checkSurroundings(dataDir: string): Promise<readonly HealthCheck[]> {
  return [
    await checkData(dataDir),
    checkFonts(),
    checkWriting('models', 'models'),
    checkWriting('cache', cacheFolder()),
  ];
}

async function checkData(dataDir: string): Promise<HealthCheck> {
  const name = 'data';
  const command = formatCommand('download', { flags: dataDir === 'data' ? {} : { dataDir } });
  try {
    const train = await loadMnist({ dataDir, split: 'train' });
    const test = await loadMnist({ dataDir, split: 'test' });
    return { name, status: 'ok', detail: `MNIST, ${train.count} + ${test.count} images, hashes match` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // train fetches it by itself.
    return { name, status: 'warning', detail: reason, command };
  }
}

function checkFonts(): HealthCheck {
  const name = 'fonts';
  if (isListed() || findFontFile() !== undefined) return { name, status: 'ok', detail: 'DejaVu Sans' };
  const command =
    process.platform === 'darwin'
      ? 'brew install --cask font-dejavu'
      : 'sudo apt-get install fontconfig fonts-dejavu-core';
  return {
    name,
    status: 'warning',
    detail: 'DejaVu Sans is not installed: pictures use another font',
    command,
  };
}

function isListed(): boolean {
  const { stdout } = spawnSync('fc-list', ['DejaVu Sans'], { encoding: 'utf8' });
  return typeof stdout === 'string' && stdout.includes('DejaVu');
}

function findFontFile(): string | undefined {
  const home = process.env['HOME'] ?? '';
  return ['/usr/share/fonts', '/usr/local/share/fonts', `${home}/.fonts`, `${home}/.local/share/fonts`]
    .concat('/Library/Fonts', `${home}/Library/Fonts`)
    .filter((folder) => fs.existsSync(folder))
    .flatMap((folder) => fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    .find((file) => path.basename(file) === 'DejaVuSans.ttf');
}

function checkWriting(name: string, folder: string): HealthCheck {
  let existing = path.resolve(folder);
  while (!fs.existsSync(existing)) existing = path.dirname(existing);
  try {
    if (!fs.statSync(existing).isDirectory()) throw new Error(`${existing} is not a folder`);
    fs.accessSync(existing, fs.constants.W_OK);
    return { name, status: 'ok', detail: `${path.resolve(folder)} is writable` };
  } catch (error) {
    // A cache that was filled by another user serves as it is.
    const isNeeded = name === 'models';
    return {
      name,
      status: isNeeded ? 'missing' : 'warning',
      detail: `cannot write to ${existing}: ${formatErrno(error)}`,
      command: isNeeded
        ? formatCommand('train', { flags: { out: suggestFolder('mnist-cnn-models/net') } })
        : otherCacheCommand(),
    };
  }
}
