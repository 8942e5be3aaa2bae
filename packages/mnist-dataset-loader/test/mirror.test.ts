import { expect, test } from 'vitest';
import { hideCredentials, parseMirror } from '../src/mirror.ts';
import { failureOf } from './support/errors.ts';

test('takes an address, with a slash at its end or without', () => {
  const mirror = parseMirror('https://host.example/mnist');
  expect(mirror.type === 'address' ? mirror.url.href : '').toBe('https://host.example/mnist/');
});

test.each(['data', './data', '../shared/mnist', '/data', 'C:\\data', 'a b'])(
  'takes the folder %s',
  (folder) => {
    expect(parseMirror(folder)).toEqual({ type: 'folder', folder, title: folder });
  },
);

test('shows the name and password of an address as ***', () => {
  expect(parseMirror('https://ann:secret@host.example/').title).toBe('https://***:***@host.example/');
});

test('shows the name and password in any text as ***', () => {
  expect(hideCredentials('GET http://ann:secret@host/x failed')).toBe('GET http://***@host/x failed');
});

test('shows no password of an address that it refuses', async () => {
  expect(await failureOf(() => parseMirror('ftp://ann:secret@host/'))).toBe(
    'E_USAGE: cannot use the mirror "ftp://***@host/": it is neither an http(s) address nor a folder',
  );
});

test.each(['', 'http://', 'https:', 'http://a b/'])('refuses the mirror "%s"', async (text) => {
  expect(await failureOf(() => parseMirror(text))).toBe(
    `E_USAGE: cannot use the mirror "${text}": it is neither an http(s) address nor a folder`,
  );
});
