// Has setup take the file that COMPILER_WHEEL names for Zig's wheel.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { findCompilerWheel } from '../../../setup/platforms.mjs';

const bytes = readFileSync(process.env.COMPILER_WHEEL);
const sha256 = createHash('sha256').update(bytes).digest('hex');
Object.assign(findCompilerWheel(), { sha256, sizeBytes: bytes.length, unpackedBytes: 1_000_000 });
