export declare function explainLoader(
  text: string,
): { readonly reason: string; readonly hint: string; readonly command: string } | undefined;
