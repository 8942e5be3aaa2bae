/** The texts of an SVG document in their order, unescaped; of one of several lines, each line. */
export function textsOf(svg: string): readonly string[] {
  const texts = Array.from(
    svg.matchAll(/<(?:text|tspan)[^>]*>([^<]*)<\/(?:text|tspan)>/g),
    ([, text = '']) => text,
  );
  return texts.map((text) =>
    text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
  );
}

/** How many drawn shapes stand in vega's groups whose class starts so. */
export function countMarks(svg: string, className: string): number {
  const groups = svg.matchAll(
    /<g class="([^"]*)"[^>]*>((?:<(?:path|line|text|rect)[^>]*>(?:[^<]*<\/[a-z]+>)?)*)/g,
  );
  const drawn = Array.from(groups, ([, name = '', content = '']) =>
    name.startsWith(className) ? (content.match(/<(path|line|text|rect)/g)?.length ?? 0) : 0,
  );
  return drawn.reduce((sum, count) => sum + count, 0);
}

/** Width and height that a PNG's header declares. */
export function pngSize(png: Buffer): { readonly width: number; readonly height: number } {
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}
