/** A NumPy element type of one number. */
export interface ElementType {
  readonly sizeBytes: number;
  readonly isFloat: boolean;
  readonly read: (view: DataView, at: number) => number;
}

/** The element type of NumPy's type string, `|u1` or `>i8`: whole numbers, truth values and floats in either byte order. */
export function findElementType(type: string): ElementType | undefined {
  const [, order = '', name = ''] = /^([<>|=]?)([biuf][1248])$/.exec(type) ?? [];
  const reader = readers[name];
  if (reader === undefined) return undefined;
  const little = order !== '>';
  const sizeBytes = Number(name.at(-1));
  return { sizeBytes, isFloat: name.startsWith('f'), read: (view, at) => reader(view, at, little) };
}

type Reader = (view: DataView, at: number, little: boolean) => number;

const readers: Readonly<Record<string, Reader>> = {
  b1: (view, at) => view.getUint8(at),
  u1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  i2: (view, at, little) => view.getInt16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  // As floats: what they lose beyond 2 ** 53 is no digit and no pixel. Whole BigInts take ten times as long.
  u8: (view, at, little) =>
    view.getUint32(at + (little ? 4 : 0), little) * 2 ** 32 + lowHalf(view, at, little),
  i8: (view, at, little) =>
    view.getInt32(at + (little ? 4 : 0), little) * 2 ** 32 + lowHalf(view, at, little),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

function lowHalf(view: DataView, at: number, little: boolean): number {
  return view.getUint32(at + (little ? 0 : 4), little);
}
