import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** Python itself, where `python3` in the PATH may be a script of a version manager that looks for it. */
export const python = execFileSync('python3', ['-I', '-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).trim();

/** Has programs that this process starts find Python itself first. */
export function preferPython(): void {
  process.env['PATH'] = `${path.dirname(python)}${path.delimiter}${process.env['PATH'] ?? ''}`;
}
