/** A value of a table; `undefined`, and a number that is not finite, leave the cell empty. */
export type Cell = string | number | undefined;

/**
 * Writes a table as comma-separated values, quoted as RFC 4180 says; lines end in a line feed, the last too.
 */
export function formatCsv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((row) => `${formatCsvRow(row)}\n`).join('');
}

/** One line of such a table, without its line feed. */
export function formatCsvRow(row: readonly Cell[]): string {
  return row.map(formatCell).join(',');
}

function formatCell(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
