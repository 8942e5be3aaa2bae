import { readFileSync } from 'node:fs';

/** The version of this tool, as its package says. It is read once: an error is reported with it when no file can be opened. */
export function readVersion(): string {
  version ??= parseVersion();
  return version;
}

let version: string | undefined;

function parseVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '';
}
