import type { Library } from './layout.mjs';

export declare function tryAddons(
  library: Library,
  addons: Readonly<Record<string, string>>,
): Promise<string>;
