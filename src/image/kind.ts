import { type ImageHeader, type ImageSource, imageError } from './source.ts';

type Kind = ImageHeader['kind'];

/**
 * Tells the kind of a picture by its content; the name's ending plays no part.
 *
 * @throws TrainerError `E_IMAGE_FORMAT` that names what was found instead.
 */
export function detectImageKind(source: ImageSource): Kind {
  if (source.bytes.length === 0) throw imageError(source, 'it is empty (0 bytes)');
  const kind = kindOf(source.bytes);
  if (kind !== undefined) return kind;
  const found = nameOtherKind(source.bytes);
  throw imageError(source, `found ${found}, this tool reads PNG, JPEG, BMP and WebP`, {
    expected: 'PNG, JPEG, BMP or WebP',
    actual: found,
    hint: found.startsWith('HEIC') ? 'Export it as JPEG.' : 'Save it as PNG or JPEG.',
  });
}

/** Whether the first bytes are those of a kind of picture that this tool reads. */
export function isReadableImage(bytes: Uint8Array): boolean {
  return kindOf(bytes) !== undefined;
}

function kindOf(bytes: Uint8Array): Kind | undefined {
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return 'png';
  if (startsWith(bytes, '\xff\xd8\xff')) return 'jpeg';
  if (startsWith(bytes, 'RIFF') && textAt(bytes, 8, 4) === 'WEBP') return 'webp';
  // Text may start with "BM": the reserved bytes, and the size of the header after them, decide.
  if (startsWith(bytes, 'BM') && (bytes.length < 18 || (bytes[15] === 0 && bytes[16] === 0))) return 'bmp';
  // A picture cut within its signature is still that kind, so that the message is about its end.
  if (bytes.length < 8 && '\x89PNG\r\n\x1a\n'.startsWith(textAt(bytes, 0, 8))) return 'png';
  if (bytes.length < 3 && '\xff\xd8\xff'.startsWith(textAt(bytes, 0, 3))) return 'jpeg';
  return undefined;
}

const otherKinds: readonly (readonly [start: string, name: string])[] = [
  ['GIF8', 'GIF'],
  ['%PDF', 'PDF'],
  ['II*\0', 'TIFF'],
  ['MM\0*', 'TIFF'],
  ['\0\0\x01\0', 'an icon (ICO)'],
  ['8BPS', 'a Photoshop file'],
  ['PK\x03\x04', 'ZIP'],
  ['\x1f\x8b', 'gzip'],
  ['\0\0\0\x0cjP', 'JPEG 2000'],
  ['\xff\x0a', 'JPEG XL'],
  ['\0\0\0\x0cJXL', 'JPEG XL'],
  ['\0\0\x08\x03', 'an IDX file'],
  ['RIFF', 'a RIFF file (sound or video)'],
];

function nameOtherKind(bytes: Uint8Array): string {
  const known = otherKinds.find(([start]) => startsWith(bytes, start));
  if (known !== undefined) return known[1];
  if (textAt(bytes, 4, 4) === 'ftyp') {
    const brand = textAt(bytes, 8, 4);
    if (/^(hei|hev|mif|msf)/.test(brand)) return 'HEIC';
    return brand.startsWith('avi') ? 'AVIF' : 'a video (MP4 or QuickTime)';
  }
  const head = textAt(bytes, 0, 1024);
  // oxlint-disable-next-line no-control-regex -- control characters tell bytes from text
  if (/[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(head)) return 'an unknown kind of file';
  if (/<svg[\s>]/i.test(head)) return 'SVG';
  return /<!doctype html|<html[\s>]/i.test(head) ? 'HTML' : 'text';
}

function startsWith(bytes: Uint8Array, start: string): boolean {
  return textAt(bytes, 0, start.length) === start;
}

function textAt(bytes: Uint8Array, offset: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + length));
}
