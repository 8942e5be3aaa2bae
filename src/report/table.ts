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

/**
 * Draws a confusion matrix `matrix[label][prediction]` as text: rows are labels, columns predictions, and a dot
 * stands for 0, so that errors catch the eye.
 */
export function formatConfusionMatrix(matrix: readonly (readonly number[])[]): string {
  const columns: readonly Column[] = [
    { title: 'label', align: 'right' },
    ...matrix.map((_, prediction): Column => ({ title: String(prediction), align: 'right' })),
  ];
  const rows = matrix.map((row, label) => [
    String(label),
    ...row.map((count) => (count === 0 ? '·' : String(count))),
  ]);
  return `${' '.repeat('label'.length)}  prediction\n${formatTable(columns, rows)}`;
}

function formatLine(line: readonly string[], columns: readonly Column[], widths: readonly number[]): string {
  const cells = columns.map(({ align }, index) => {
    const cell = line[index] ?? '';
    const width = widths[index] ?? 0;
    return align === 'left' ? cell.padEnd(width) : cell.padStart(width);
  });
  return cells.join('  ').trimEnd();
}
