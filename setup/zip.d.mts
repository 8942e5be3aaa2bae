export interface ZipMember {
  readonly name: string;
  readonly sizeBytes: number;
}

export declare function readZipDirectory(file: string, maxTotalBytes: number): readonly ZipMember[];
export declare function unpackMember(
  file: string,
  member: ZipMember,
  target: string,
  onBytes?: (count: number) => void,
): Promise<void>;
