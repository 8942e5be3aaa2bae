import { DatasetError } from './errors.ts';
import { escapeText } from './text.ts';

/** A place to fetch files from: a folder on this machine, or an address. */
export type Mirror =
  | { readonly type: 'folder'; readonly folder: string; readonly title: string }
  | { readonly type: 'address'; readonly url: URL; readonly title: string };

/**
 * Reads a mirror as a person writes it: an http(s) address, or else a folder.
 *
 * @throws DatasetError `E_USAGE` for any other scheme and for malformed addresses.
 */
export function parseMirror(text: string): Mirror {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined && text !== '') return { type: 'folder', folder: text, title: escapeText(text) };
  if ((scheme === 'http' || scheme === 'https') && URL.canParse(text)) {
    const url = new URL(text.endsWith('/') ? text : `${text}/`);
    return { type: 'address', url, title: formatAddress(url) };
  }
  throw new DatasetError(
    'E_USAGE',
    `cannot use the mirror "${hideCredentials(text)}": it is neither an http(s) address nor a folder`,
    {
      expected: 'an http(s) address or a folder',
      actual: scheme === undefined ? 'nothing' : `${scheme}:`,
      hint: 'A mirror is an http(s) address or a folder.',
    },
  );
}

/** An address for humans, its credentials shown as `***`. */
export function formatAddress(url: URL): string {
  const shown = new URL(url);
  if (shown.username !== '') shown.username = '***';
  if (shown.password !== '') shown.password = '***';
  return escapeText(shown.href);
}

/** Text that may contain addresses, with every user name and password in them shown as `***`. */
export function hideCredentials(text: string): string {
  return escapeText(text.replace(/\/\/[^/\s@]*@/g, '//***@'));
}
