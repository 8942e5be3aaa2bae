import fs from 'node:fs';
import os from 'node:os';
import nodePath from 'node:path';
import { setupCommand } from './command.mjs';
import { escapeText, quote } from './escape.mjs';

/** Exit code of every error word of setup; the same words and codes as in src/core/errors.ts. */
const exitCodes = {
  E_INTERNAL: 1,
  E_BUILD: 1,
  E_USAGE: 2,
  E_CHECKSUM: 65,
  E_LIBRARY: 65,
  E_ZIP: 65,
  E_NO_INPUT: 66,
  E_NATIVE: 69,
  E_NETWORK: 69,
  E_PACKAGES: 69,
  E_OS: 71,
  E_NOT_WRITABLE: 73,
  E_DISK_FULL: 74,
  E_IO: 74,
  E_LOCKED: 75,
};

/**
 * What is printed after the first line of an error; every part is optional: `command` is the one that helps, `output` and `log` are the
 * last words and all the words of a program that failed.
 *
 * @typedef {{ path?: string, expected?: string, actual?: string, hint?: string, command?: string, output?: readonly string[],
 *   log?: string, wasKilled?: boolean, cause?: unknown }} Details
 */

/** An expected failure: a first line that stands alone; the details are printed after it. */
export class SetupError extends Error {
  /** @type {string | undefined} */
  command;

  constructor(
    /** @type {keyof typeof exitCodes} */ code,
    /** @type {string} */ message,
    /** @type {Details} */ details = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'SetupError';
    this.code = code;
    Object.assign(this, details);
  }
}

/** The exit code of an error: its word's, or 1 for a bug. */
export function exitCodeOf(error) {
  return error instanceof SetupError ? exitCodes[error.code] : 1;
}

/** The text for a person: first line, path, cause, and last the one command to run. */
export function formatError(error, showStack) {
  const known = error instanceof SetupError;
  const lines = [
    `mnist-cnn: ${known ? error.message : `setup stopped because of a bug: ${error?.message ?? error}`}`,
  ];
  const { path, hint, output, command, log } = /** @type {Details} */ (known ? error : {});
  if (path !== undefined) lines.push(`  file: ${escapeText(path, 1000)}`);
  for (const line of output ?? []) lines.push(`  | ${escapeText(line)}`);
  if (hint !== undefined) lines.push(`  ${hint}`);
  if (command !== undefined) lines.push(`    ${command}`);
  if (!known && !showStack) lines.push('  To see the stack:', `    ${setupCommand('--debug')}`);
  if (showStack) lines.push(...[log, error?.stack].filter((text) => text !== undefined));
  return `${lines.join('\n')}\n`;
}

/** The same as one line of JSON. */
export function formatErrorJson(error) {
  const details = /** @type {Details} */ (error instanceof SetupError ? error : {});
  const { path, expected, actual, hint, command, output } = details;
  const code = error instanceof SetupError ? error.code : 'E_INTERNAL';
  const message = error?.message ?? String(error);
  return `${JSON.stringify({
    error: { code, exit: exitCodeOf(error), message, path, expected, actual, hint, command, output },
  })}\n`;
}

/** Turns a failed system call on `file` into a SetupError; `code` is used where the errno does not decide. */
export function fileError(error, verb, file) {
  if (error instanceof SetupError || !/^E[A-Z0-9]+$/.test(error?.code ?? '')) return error;
  const full = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(error.code);
  const denied = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENAMETOOLONG'].includes(error.code);
  const hint = full
    ? 'Free some space, or put the cache on another disk:'
    : 'Choose a folder for the cache that you can write to:';
  return new SetupError(
    full ? 'E_DISK_FULL' : denied ? 'E_NOT_WRITABLE' : 'E_IO',
    `cannot ${verb}: ${formatErrno(error)}`,
    { path: file, hint, command: otherCacheCommand(), cause: error },
  );
}

/** What Node's permission model refused as a SetupError, and any other error as it is. */
export function explainPermission(error) {
  if (error?.code !== 'ERR_ACCESS_DENIED') return error;
  return new SetupError('E_OS', `Node's permission model forbids what setup does: ${error.permission}`, {
    ...(error.resource ? { path: error.resource } : {}),
    hint: 'The flag --permission, here or in NODE_OPTIONS, turned it on. Run it without the flag:',
    command: `env -u NODE_OPTIONS ${setupCommand('--native')}`,
    cause: error,
  });
}

/** A failed system call in words, with its errno: "the disk is full (ENOSPC)". */
export function formatErrno(error) {
  /** @type {Readonly<Record<string, string>>} */
  const words = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EACCES: 'permission denied',
    EIO: 'the disk reports an error',
  };
  const reason = words[error.code] ?? error.message.replace(/^[A-Z0-9]+: /, '').replace(/,.*$/, '');
  return `${reason} (${error.code})`;
}

/** The command for a cache where it cannot be: elsewhere, in a folder that this user may write to. */
export function otherCacheCommand() {
  const { MNIST_CNN_CACHE, XDG_CACHE_HOME } = process.env;
  const present = nodePath.resolve(MNIST_CNN_CACHE || XDG_CACHE_HOME || findHome() || '.');
  const places = [findHome(), '/var/tmp', os.tmpdir()].filter(
    (place) => place && nodePath.isAbsolute(place) && isWritable(place),
  );
  const other = places.find((place) => !`${present}/`.startsWith(`${place}/`)) ?? places[0] ?? os.tmpdir();
  return `MNIST_CNN_CACHE=${quote(nodePath.join(other, 'mnist-cnn-cache'))} ${setupCommand('--native')}`;
}

function findHome() {
  try {
    return os.homedir();
  } catch {
    // No HOME, and no entry for this user.
    return undefined;
  }
}

function isWritable(folder) {
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** 273829956 -> "274 MB". */
export function formatBytes(sizeBytes) {
  if (sizeBytes < 1e6) return `${Math.ceil(sizeBytes / 1e3)} kB`;
  return sizeBytes < 1e9 ? `${Math.round(sizeBytes / 1e6)} MB` : `${(sizeBytes / 1e9).toFixed(2)} GB`;
}
