export interface Library {
  readonly folder: string;
  /** Whether `$MNIST_CNN_LIBTENSORFLOW` names it. */
  readonly named: boolean;
  readonly tensorflow: string;
  readonly framework: string;
  readonly include: string;
  /** The files that should be there and are not. */
  readonly missing: readonly string[];
}

export interface Addon {
  readonly name: string;
  readonly file: string;
  /** In its folder of sources: what its name is a hash of, beside the sources. */
  readonly headers: readonly string[];
  /** Something is slower without it, nothing else. */
  readonly isOptional?: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export declare const tensorflowVersion: string;
export declare const nodeApiLevel: number;
export declare const packageFolder: string;
export declare function cacheFolder(environment?: Environment): string;
export declare function findLibrary(environment?: Environment): Library;
export declare function listAddons(library: Library, environment?: Environment): readonly Addon[];
export declare function resolvePackage(name: string): string;
