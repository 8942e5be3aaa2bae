import { expect, test } from 'vitest';
import { escapeText as escapeInLoader } from '../../packages/mnist-dataset-loader/src/text.ts';
import { escapeText } from '../../setup/escape.mjs';
import { escapeText as escapeInCore } from '../../src/core/errors.ts';

test('setup, core and loader escape every code point in the same way', () => {
  const different: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    const text = String.fromCodePoint(code);
    const escaped = escapeText(text);
    if (escapeInLoader(text) !== escaped || escapeInCore(text) !== escaped) different.push(code.toString(16));
  }
  expect(different).toEqual([]);
});

test('they cut at the same length', () => {
  const texts = [199, 200, 201].map((length) => 'x'.repeat(length));
  expect(texts.map(escapeInLoader)).toEqual(texts.map((text) => escapeText(text)));
  expect(texts.map(escapeInCore)).toEqual(texts.map((text) => escapeText(text)));
});

test('every character that Unicode counts among controls and marks of direction is escaped', () => {
  const unsafe = /[\p{Cc}\p{Bidi_Control}]/u;
  const wrong: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    const text = String.fromCodePoint(code);
    if (unsafe.test(text) !== (escapeText(text) !== text)) wrong.push(code.toString(16));
  }
  expect(wrong).toEqual([]);
});
