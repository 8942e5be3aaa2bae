import { flagName } from '../../config/options.ts';
import type { Origin } from '../../config/resolve.ts';
import { alignColumns } from '../../core/table.ts';
import type { Output } from '../output.ts';

/** Prints each option with its value and where that came from. */
export function printConfig(
  values: Readonly<Record<string, unknown>>,
  origins: Readonly<Record<string, Origin>>,
  output: Output,
): void {
  if (output.json) {
    output.result(
      Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, { value: value ?? null, origin: origins[key] }]),
      ),
    );
    return;
  }
  const rows = Object.entries(values).map(([key, value]) => [
    flagName(key),
    formatValue(value),
    origins[key] ?? '',
  ]);
  output.result(alignColumns(rows));
}

function formatValue(value: unknown): string {
  if (Array.isArray(value)) return value.join(',') || '-';
  return value === undefined ? '-' : JSON.stringify(value).replace(/^"(.*)"$/, '$1');
}
