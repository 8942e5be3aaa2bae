export declare function installCommand(tool: 'pip' | 'compiler'): string;
export declare function findWheel(): Wheel;
export declare function findCompilerWheel(): Wheel | undefined;

export interface Wheel {
  readonly project: string;
  readonly version: string;
  readonly tag: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly unpackedBytes: number;
}
