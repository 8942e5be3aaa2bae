import type { WheelFiles } from './library.mjs';
import type { Progress } from './progress.mjs';

export declare function hasAddons(): boolean;
export declare function provideAddons(
  options: { readonly wheels?: WheelFiles; readonly keepCompiler?: boolean },
  progress: Progress,
): Promise<void>;
