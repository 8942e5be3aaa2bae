/** A column of a text table: words stand to the left, numbers to the right. */
export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Draws a table as text: titles, then rows, columns aligned and two spaces apart, no space at a line's end. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows];
  return alignColumns(
    lines,
    columns.map(({ align }) => align),
  );
}

/** The lines of a table without titles, as text; columns are left-aligned by default. */
export function alignColumns(
  lines: readonly (readonly string[])[],
  aligns: readonly Column['align'][] = [],
): string {
  const columnCount = Math.max(0, ...lines.map((line) => line.length));
  const widths = Array.from({ length: columnCount }, (_, index) =>
    Math.max(...lines.map((line) => (line[index] ?? '').length)),
  );
  const format = (line: readonly string[]) =>
    widths.map((width, index) => {
      const cell = line[index] ?? '';
      return aligns[index] === 'right' ? cell.padStart(width) : cell.padEnd(width);
    });
  return lines.map((line) => format(line).join('  ').trimEnd()).join('\n');
}

/** Columns of words with these titles. */
export function wordColumns(titles: readonly string[]): readonly Column[] {
  return titles.map((title) => ({ title, align: 'left' }));
}

/** Columns of numbers with these titles. */
export function numberColumns(titles: readonly string[]): readonly Column[] {
  return titles.map((title) => ({ title, align: 'right' }));
}
