import { describe, expect, test } from 'vitest';
import { random } from '../../src/core/random.ts';
import { framedOf, lookAt, type Page } from '../../src/predict/page.ts';
import { boxOf, drawFrame, drawPicture, drawSevenIn, drawZero, fillBox } from '../support/ink.ts';
import type { Canvas } from '../support/photo.ts';

const sheet = { width: 200, height: 120 };
const picture = (draw: (canvas: Canvas) => void, isLight = false) => drawPicture(sheet, draw, isLight);

/** The boxes of single pieces of the likeliest layout, row by row. */
function piecesOf({ layouts }: Page) {
  return layouts[0]?.rows.map(({ candidates }) =>
    candidates.filter(({ from, to }) => to === from + 1).map(({ box }) => box),
  );
}

/** Which neighbors of the first row may be one digit: `[from, to]` of more than one piece. */
function joinedOf({ layouts }: Page) {
  const all = layouts[0]?.rows[0]?.candidates.map(({ from, to }) => [from, to] as const) ?? [];
  return all.filter(([from, to]) => to > from + 1);
}

const zero = [80, 30, 115, 90] as const;
const onlyZero = [[boxOf(zero)]];

describe('lookAt takes for no ink', () => {
  test('a frame around the digit', () => {
    const framed = picture((canvas) => {
      drawZero(canvas, zero, 6);
      drawFrame(canvas, [50, 10, 150, 110], 2);
    });
    expect(piecesOf(lookAt(framed))).toEqual(onlyZero);
  });

  test('a frame around a stroke as long as lines are, but not the stroke', () => {
    const framed = drawPicture({ width: 120, height: 120 }, (canvas) => {
      fillBox(canvas, [57, 24, 61, 96]);
      fillBox(canvas, [45, 24, 61, 28]);
      drawFrame(canvas, [4, 4, 116, 116], 3);
    });
    expect(piecesOf(lookAt(framed))).toEqual([[boxOf([45, 24, 61, 96])]]);
  });

  test('what is written outside the frames of a form', () => {
    const form = picture((canvas) => {
      drawZero(canvas, zero, 6);
      drawFrame(canvas, [70, 20, 125, 100], 2);
      drawSevenIn(canvas, [150, 30, 180, 90], 6);
    });
    expect(piecesOf(lookAt(form))).toEqual(onlyZero);
  });

  test('parts of a frame: two of its sides, joined in a corner', () => {
    const cornered = picture((canvas) => {
      drawZero(canvas, zero, 6);
      fillBox(canvas, [50, 10, 53, 110]);
      fillBox(canvas, [50, 107, 160, 110]);
    });
    expect(piecesOf(lookAt(cornered))).toEqual(onlyZero);
  });

  test('an underline', () => {
    const underlined = picture((canvas) => {
      drawZero(canvas, zero, 6);
      fillBox(canvas, [72, 97, 122, 101]);
    });
    expect(piecesOf(lookAt(underlined))).toEqual(onlyZero);
  });

  test('squares that run through the digit', () => {
    const squared = picture((canvas) => {
      for (let x = 7; x < 200; x += 22) fillBox(canvas, [x, 0, x + 1, 120], 130);
      for (let y = 5; y < 120; y += 22) fillBox(canvas, [0, y, 200, y + 1], 130);
      drawZero(canvas, zero, 6);
    });
    const layouts = lookAt(squared).layouts.map(({ rows }) => rows.map(({ pieces }) => pieces));
    expect(layouts).toEqual([[1]]);
    const box = piecesOf(lookAt(squared))?.[0]?.[0] ?? boxOf([0, 0, 0, 0]);
    const misses = [box.left - 80, box.top - 30, box.right - 115, box.bottom - 90];
    expect(Math.max(...misses.map(Math.abs))).toBeLessThanOrEqual(2);
  });
});

describe('lookAt finds no ink', () => {
  const rules = (canvas: Canvas) => {
    for (let y = 12; y < 120; y += 18) fillBox(canvas, [0, y, 200, y + 2], 140);
  };
  const squares = (canvas: Canvas) => {
    rules(canvas);
    for (let x = 8; x < 200; x += 18) fillBox(canvas, [x, 0, x + 2, 120], 140);
  };

  test.each([
    ['blank', () => {}],
    ['ruled', rules],
    ['squared', squares],
  ])('on a %s sheet', (_kind, draw) => {
    expect([false, true].map((isLight) => lookAt(picture(draw, isLight)).layouts)).toEqual([[], []]);
  });

  /** A band of ink, 24 across, that fades over so many pixels on either side. */
  const bandOf = (fading: number) =>
    picture((canvas) => {
      for (let x = 0; x < 200; x++) {
        const outside = Math.max(0, Math.abs(x - 100) - 12);
        fillBox(canvas, [x, 20, x + 1, 100], Math.max(0, 90 * (1 - outside / fading)));
      }
    });

  test('in a shadow, whose edges fade slowly, unlike those of a stroke', () => {
    expect(lookAt(bandOf(30)).layouts).toEqual([]);
    expect(piecesOf(lookAt(bandOf(2)))?.flat()).toHaveLength(1);
  });

  test('on a squared sheet with noise', () => {
    const { pixels, ...size } = picture(squares);
    const noisy = pixels.map((value, at) =>
      Math.min(255, Math.max(0, value - 30 + 4 * random(1, 'noise', at).normal())),
    );
    expect(lookAt({ ...size, pixels: noisy }).layouts).toEqual([]);
  });
});

describe('lookAt sorts ink', () => {
  const three = (canvas: Canvas) => {
    drawZero(canvas, [140, 34, 170, 84], 6);
    drawSevenIn(canvas, [80, 30, 112, 80], 6);
    fillBox(canvas, [30, 28, 37, 80]);
  };

  test('into pieces from the left', () => {
    expect(piecesOf(lookAt(picture(three)))?.map((row) => row.map(({ left }) => left))).toEqual([
      [30, 80, 140],
    ]);
  });

  test('into rows from the top, though the lower one begins further left', () => {
    const rows = picture((canvas) => {
      drawZero(canvas, [20, 70, 45, 112], 5);
      fillBox(canvas, [70, 68, 75, 110]);
      fillBox(canvas, [90, 10, 95, 52]);
      drawZero(canvas, [120, 8, 145, 50], 5);
    });
    expect(piecesOf(lookAt(rows))?.map((row) => row.map(({ left }) => left))).toEqual([
      [90, 120],
      [20, 70],
    ]);
  });

  test('into rows by their middle, though a digit of the lower one begins before some of the upper one', () => {
    const apart = drawPicture({ width: 300, height: 120 }, (canvas) => {
      drawZero(canvas, [10, 10, 30, 50], 4);
      drawZero(canvas, [200, 24, 220, 66], 4);
      drawZero(canvas, [45, 30, 65, 70], 4);
    });
    expect(piecesOf(lookAt(apart))?.map((row) => row.map(({ left }) => left))).toEqual([[10, 45], [200]]);
  });

  test('into one digit with isSingle', () => {
    const page = lookAt(picture(three), true);
    expect(piecesOf(page)).toEqual([[{ left: 30, top: 28, right: 170, bottom: 84 }]]);
  });

  test('and joins the bar of a 5 to its body', () => {
    const five = picture((canvas) => {
      fillBox(canvas, [84, 20, 120, 26]);
      drawZero(canvas, [80, 32, 116, 90], 6);
    });
    expect(piecesOf(lookAt(five))).toEqual([[{ left: 80, top: 20, right: 120, bottom: 90 }]]);
  });

  test('and joins a bar that runs on beyond its body, where they nearly touch', () => {
    const five = picture((canvas) => {
      fillBox(canvas, [103, 20, 145, 27]);
      drawZero(canvas, [80, 29, 116, 90], 6);
    });
    const whole = { left: 80, top: 20, right: 145, bottom: 90 };
    expect(lookAt(five).layouts[0]?.rows[0]?.candidates.map(({ box }) => box)).toContainEqual(whole);
  });

  test('and gives halves of a broken stroke as two and as one', () => {
    const broken = picture((canvas) => {
      drawZero(canvas, [70, 20, 120, 90], 7);
      fillBox(canvas, [92, 10, 99, 100], 0);
    });
    const page = lookAt(broken);
    expect(piecesOf(page)?.[0]).toHaveLength(2);
    expect(joinedOf(page)).toEqual([[0, 2]]);
  });

  test('and offers two rows as one digit, too, where they may be halves of one', () => {
    const broken = picture((canvas) => {
      drawZero(canvas, [70, 20, 120, 100], 7);
      fillBox(canvas, [60, 56, 130, 64], 0);
    });
    const { layouts } = lookAt(broken);
    expect(layouts.map(({ rows }) => rows.length)).toEqual([2, 1]);
    expect(layouts[1]?.rows[0]?.candidates.map(({ box }) => box)).toEqual([boxOf([70, 20, 120, 100])]);
  });

  test('and never joins pieces that are far apart', () => {
    expect(joinedOf(lookAt(picture(three)))).toEqual([]);
  });

  test('and cuts digits that touch where they touch, and keeps the whole, too', () => {
    const touching = picture((canvas) => {
      drawZero(canvas, [50, 30, 95, 90], 7);
      drawZero(canvas, [94, 30, 139, 90], 7);
    });
    const page = lookAt(touching);
    const [row] = page.layouts[0]?.rows ?? [];
    const whole = row?.candidates.find(({ from, to }) => from === 0 && to === row.pieces);
    expect(whole?.box).toEqual({ left: 50, top: 30, right: 139, bottom: 90 });
    const half = row?.candidates.find(({ from, box }) => from === 0 && Math.abs(box.right - 95) <= 2);
    const other = row?.candidates.find(({ from, to }) => from === half?.to && to === row.pieces);
    expect([whole?.isCut, half?.isCut, other?.isCut, other?.box.right]).toEqual([false, true, true, 139]);
  });

  test('and leaves specks out', () => {
    const specked = picture((canvas) => {
      drawZero(canvas, zero, 6);
      fillBox(canvas, [20, 20, 22, 22]);
      fillBox(canvas, [180, 100, 183, 102]);
    });
    expect(piecesOf(lookAt(specked))).toEqual(onlyZero);
  });
});

describe('lookAt sees a digit that fills its picture', () => {
  const [width, height] = [36, 52];
  const tight = (isLight: boolean) =>
    drawPicture({ width, height }, (canvas) => drawZero(canvas, [0, 0, width, height], 8), isLight);

  test.each([
    ['dark on light', false],
    ['light on dark', true],
  ])('%s', (_polarity, isLight) => {
    const page = lookAt(tight(isLight));
    expect([page.evened.isLightOnDark, piecesOf(page)]).toEqual([
      isLight,
      [[{ left: 0, top: 0, right: width, bottom: height }]],
    ]);
    const [framed] = framedOf(page);
    // The hole in the middle, and ink at the upper end of the upright axis.
    expect([framed?.[14 * 28 + 14], (framed?.[6 * 28 + 14] ?? 0) > 200]).toEqual([0, true]);
  });

  test.each([
    ['dark', false],
    ['light', true],
  ])('with more %s ink than paper', (_ink, isLight) => {
    const thick = drawPicture(
      { width, height },
      (canvas) => drawZero(canvas, [0, 0, width, height], 13),
      isLight,
    );
    const polarities = lookAt(thick).layouts.map(({ evened }) => evened.isLightOnDark);
    expect(polarities).toContain(isLight);
  });

  test('8 x 8, of 16 gray levels', () => {
    const rows = [
      '00599100',
      '00fddf00',
      '00f20b80',
      '04c00880',
      '058009c0',
      '04b01c70',
      '02e5ca00',
      '006da000',
    ];
    const pixels = Uint8Array.from(rows.join(''), (level) => 16 * Number.parseInt(level, 16));
    const page = lookAt({ width: 8, height: 8, pixels });
    expect([page.evened.isLightOnDark, page.layouts.length > 0]).toEqual([true, true]);
    const [framed] = framedOf(page);
    expect(framed?.[14 * 28 + 14]).toBeLessThan(100);
  });

  test('16 x 16', () => {
    const small = drawPicture(
      { width: 16, height: 16 },
      (canvas) => drawZero(canvas, [2, 0, 14, 16], 3),
      true,
    );
    expect(piecesOf(lookAt(small))).toEqual([[{ left: 2, top: 0, right: 14, bottom: 16 }]]);
  });
});

test('lookAt looks at a large picture in a smaller copy where its digits are large, else in its own size', () => {
  const draw = (side: number) =>
    drawPicture({ width: 1000, height: 1000 }, (canvas) =>
      drawZero(canvas, [400, 400, 400 + side / 2, 400 + side], side / 10),
    );
  expect([400, 40].map((side) => lookAt(draw(side)).scale)).toEqual([4, 1]);
});

test('lookAt multiplies the scale of a reduced picture with its own', () => {
  const draw = (canvas: Canvas) => drawZero(canvas, [300, 200, 500, 550], 40);
  const large = drawPicture({ width: 800, height: 800 }, draw);
  expect([lookAt(large).scale, lookAt({ ...large, scale: 2.5 }).scale]).toEqual([4, 10]);
});
