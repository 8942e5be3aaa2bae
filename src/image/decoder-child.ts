// The child process that decodes: a picture over which a decoder loops, or dies, costs no more than this process.
import sharp, { type Sharp } from 'sharp';
import type { Samples } from './color.ts';
import type { DecodeReply, DecodeRequest } from './decoder-messages.ts';
import { maxImagePixels } from './source.ts';

sharp.cache(false);
// Each child has one picture at a time, and there are as many of them as pictures in work.
sharp.concurrency(1);
// A decoder that loops would hold up any other end.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', (request: DecodeRequest) => {
  // Here, since the parent may have been busy with other pictures when the answer came. A thread in a decoder cannot be stopped.
  const watch = setTimeout(() => {
    process.send?.({ type: 'late' } satisfies DecodeReply, () => process.kill(process.pid, 'SIGKILL'));
  }, request.deadlineMs);
  decode(request)
    .then(
      (samples) => reply({ type: 'decoded', samples }),
      (error: unknown) => reply({ type: 'failed', reason: firstLineOf(error) }),
    )
    .finally(() => clearTimeout(watch));
});

async function decode(request: DecodeRequest): Promise<Samples> {
  try {
    return await decodeStrictly(request, 'warning');
  } catch (error) {
    // Some phones write these into every photo; all other warnings mean that pixels are missing or made up.
    if (!firstLineOf(error).includes('Invalid SOS parameters')) throw error;
    return decodeStrictly(request, 'error');
  }
}

async function decodeStrictly(
  { bytes, maxSide }: DecodeRequest,
  failOn: 'warning' | 'error',
): Promise<Samples> {
  const upright = sharp(bytes, {
    autoOrient: true,
    failOn,
    ignoreIcc: true,
    limitInputPixels: maxImagePixels,
  });
  const { data, info } = await (maxSide === undefined ? upright : reduce(upright, maxSide))
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, data };
}

function reduce(picture: Sharp, maxSide: number): Sharp {
  return picture.resize({
    width: maxSide,
    height: maxSide,
    fit: 'inside',
    withoutEnlargement: true,
    // The triangle kernel has no overshoot, which would draw bright rims around dark strokes.
    kernel: 'linear',
  });
}

function firstLineOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.replace(/:\s*$/, '');
}

function reply(message: DecodeReply): void {
  if (process.connected) process.send?.(message);
}
