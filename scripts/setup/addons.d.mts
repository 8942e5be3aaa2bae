import type { Progress } from './progress.mjs';

export declare function hasAddons(): boolean;
export declare function provideAddons(progress: Progress): Promise<void>;
