import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quote } from '../../setup/escape.mjs';

test.each([
  ['models/net', 'models/net'],
  ['my digits', "'my digits'"],
  ["it's", "'it'\\''s'"],
  ['', "''"],
  ['a\nb', "$'a\\u000ab'"],
  ["it's\ta \\", "$'it\\'s\\u0009a \\\\'"],
])('%j is quoted as %s', (text, quoted) => {
  expect(quote(text)).toBe(quoted);
});

test.each(['my digits', "it's", '$HOME `date` "x"', '', 'a\nb', "it's\ta \\", '*', '\u202eabc', 'ä ö'])(
  'bash reads the quoted %j as it was',
  (text) => {
    expect(execFileSync('bash', ['-c', `printf %s ${quote(text)}`], { encoding: 'utf8' })).toBe(text);
  },
);
