export declare function installCommand(tool: 'pip' | 'compiler'): string;
export declare function findWheel(): {
  readonly project: string;
  readonly tag: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly unpackedBytes: number;
};
