// In the process that decodes pictures: one with "loops" in it keeps a thread of the decoder busy for an hour, as a damaged
// one may do; one with "crashes" ends the process, one with "stumbles" only the first that decodes it. NOTES is a folder for
// the pids of all that did.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

if (process.argv[1]?.endsWith('decoder-child.js')) {
  const { default: sharp } = await import('sharp');
  const original = sharp.prototype.toBuffer;
  sharp.prototype.toBuffer = function toBuffer(...given) {
    const { buffer } = this.options.input;
    const word = ['loops', 'crashes', 'stumbles'].find((each) => buffer.includes(each));
    const file = path.join(process.env.NOTES, word ?? 'none');
    if (word === undefined || (word === 'stumbles' && fs.existsSync(file)))
      return original.apply(this, given);
    fs.appendFileSync(file, `${process.pid}\n`);
    if (word !== 'loops') process.kill(process.pid, 'SIGSEGV');
    return new Promise((resolve) => crypto.pbkdf2('', '', 2 ** 31 - 1, 64, 'sha512', resolve));
  };
}
