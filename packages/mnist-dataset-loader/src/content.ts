const signatures: readonly (readonly [start: string, kind: string])[] = [
  ['\x1f\x8b', 'gzip'],
  ['PK\x03\x04', 'a ZIP archive'],
  ['\x89PNG', 'a PNG picture'],
  ['\xff\xd8\xff', 'a JPEG picture'],
  ['BM', 'a BMP picture'],
  ['\x93NUMPY', 'a NumPy array'],
  ['\x89HDF', 'HDF5'],
  ['%PDF', 'a PDF document'],
  ['BZh', 'bzip2'],
  ['\xfd7zXZ', 'xz'],
  ['{', 'JSON'],
];

/** What bytes look like by their first few, for messages: "gzip", "HTML"; `undefined` where they look like nothing known. */
export function describeContent(bytes: Uint8Array): string | undefined {
  if (isHtml(bytes)) return 'HTML';
  const start = String.fromCharCode(...bytes.subarray(0, 8));
  return signatures.find(([signature]) => start.startsWith(signature))?.[1];
}

/** Whether bytes start as a web page does, after white space or a byte-order mark. */
export function isHtml(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 256)).trimStart();
  return /^<(!doctype|html|head|body|\?xml|!--)/i.test(start);
}
