export interface TfjsFiles {
  readonly quiet: string;
  readonly framework: string;
  readonly tensorflow: string;
  readonly binding: string;
}

export declare function startLoading(files: TfjsFiles): void;
export declare function isLoading(): boolean;
export declare function readTfjs(): void;
export declare function loadTfjs(files: TfjsFiles): typeof import('@tensorflow/tfjs-node');
