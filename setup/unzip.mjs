import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { getSystemErrorMap } from 'node:util';
import { runProgram } from './child.mjs';
import { setupCommand } from './command.mjs';
import { SetupError } from './errors.mjs';
import { escapeText } from './escape.mjs';
import { brokenPython } from './wheel.mjs';

const program = fileURLToPath(new URL('unzip.py', import.meta.url));
const limits = { maxTotalBytes: 3e9, maxMembers: 65_535 };

/**
 * Unpacks members of a ZIP file into the new folder `target` with Python, which pip needs anyway: those whose name one of `rules`
 * matches, a pattern with its replacement. The file is refused as a whole, before a byte is unpacked, where a member could land outside
 * the target or is a link, or where all together are too large; unpacking stops at a member that is not what the directory says.
 * `onReport` hears of `total` bytes first, then of those `done`. Gives the unpacked files with their sizes.
 *
 * @param {object} options
 * @param {string} options.file
 * @param {string} options.target
 * @param {readonly (readonly string[])[]} options.rules
 * @param {number} [options.maxTotalBytes]
 * @param {number} [options.maxMembers]
 * @param {(report: { readonly total?: number, readonly done?: number }) => void} onReport
 * @returns {Promise<Readonly<Record<string, number>>>}
 * @throws SetupError `E_ZIP`, or `E_NATIVE` where Python does not work; what the system refused as it is, with the `member`.
 */
export async function unzip({ file, target, rules, ...options }, onReport) {
  /** @type {{ total?: number, done?: number, files?: Record<string, number>, refused?: string, member?: string, errno?: number }} */
  let last = {};
  // Isolated: neither the user's variables nor modules in the working folder lead Python astray.
  const words = ['-I', program, file, target, JSON.stringify({ ...limits, ...options, rules })];
  const result = await runProgram('python3', words, {
    onLine(line) {
      last = parseReport(line) ?? last;
      if ('total' in last || 'done' in last) onReport(last);
    },
  });
  const { files, refused, member, errno } = last;
  if (refused !== undefined)
    throw zipError(file, member ? `member ${escapeText(member)} ${refused}` : refused);
  if (errno !== undefined) throw systemError(errno, member);
  if (result.code !== 0 || files === undefined)
    throw brokenPython('unpack the wheel', { name: 'python3', result });
  return files;
}

function parseReport(line) {
  try {
    return JSON.parse(line);
  } catch {
    // Not of our program: Python's own words, which are shown where it fails.
    return undefined;
  }
}

function zipError(file, reason) {
  return new SetupError('E_ZIP', `cannot unpack ${escapeText(path.basename(file))}: ${reason}`, {
    path: file,
    hint: 'The file was probably damaged or altered. Fetch it again:',
    command: setupCommand('--native'),
  });
}

function systemError(errno, member) {
  const [code = 'EIO', message = `error ${errno}`] = getSystemErrorMap().get(-errno) ?? [];
  return Object.assign(new Error(message), { code, member });
}
