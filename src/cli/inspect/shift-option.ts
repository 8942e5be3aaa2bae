import type { Shift } from '../../analyze/robustness.ts';
import type { Option } from '../../config/options.ts';

/** `--shift 3` or `--shift -2,4`: pixels to the right and, behind a comma, down. */
export const shiftOption: Option<Shift | undefined> = {
  placeholder: '<right[,down]>',
  description:
    'shift an image, and the test images by -10 to 10 pixels, and show how reading and maps change',
  default: undefined,
  accepted: 'pixels to the right, or right and down, such as 3 or -2,4, each from -27 to 27',
  parse: (given) => {
    const words = given.split(',');
    if (words.length > 2 || !words.every((word) => /^[+-]?\d{1,2}$/.test(word))) return undefined;
    const [right = 0, down = 0] = words.map(Number);
    return Math.max(Math.abs(right), Math.abs(down)) > 27 ? undefined : { right, down };
  },
};
