/** See fail-at-call.mjs. */
export function failAtCall(fault: {
  readonly folder: string;
  readonly at: number;
  readonly errno: string;
  readonly forever?: boolean;
}): { readonly calls: readonly string[]; readonly restore: () => void };
