/** A column of a text table: words stand to the left, numbers to the right. */
export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Draws a table as text: titles, then rows, columns aligned and two spaces apart, no space at a line's end. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => (line[index] ?? '').length)));
  return lines.map((line) => formatLine(line, columns, widths)).join('\n');
}

/** Columns of numbers with these titles. */
export function numberColumns(titles: readonly string[]): readonly Column[] {
  return titles.map((title) => ({ title, align: 'right' }));
}

function formatLine(line: readonly string[], columns: readonly Column[], widths: readonly number[]): string {
  const cells = columns.map(({ align }, index) => {
    const cell = line[index] ?? '';
    const width = widths[index] ?? 0;
    return align === 'left' ? cell.padEnd(width) : cell.padStart(width);
  });
  return cells.join('  ').trimEnd();
}
