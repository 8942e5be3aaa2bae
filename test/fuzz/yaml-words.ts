/** What means something in YAML. */
// biome-ignore format: one word a line would fill a page
export const yamlWords: readonly string[] = [
  '\n', ': ', '- ', '? ', ', ', '# ', '---\n', '...\n', '\t', '  ', '\r\n', '\ufeff', '\0', '\u001b[2J',
  '[', ']', '{', '}', '"', "'", '|\n', '>-\n', '|2+\n', '&a ', '*a', '*a ', '!!set', '!!binary', '!!map ',
  '!!timestamp ', '!x ', '!<tag:x> ', '!!float ', '!!str ', '!!omap ', '<<: ', '%YAML 1.1\n---\n', '%TAG ! x\n',
  '%YAML 9.9\n', '"\\x1b[2J"', '"\\u202e"', '\\', '@', '`', '~', 'null', 'true', '.nan', '.inf', '-.inf', '0x1F',
  '1e400', '0o17', '1_000', '-0', '12:30:45', '2001-12-14', '__proto__: 1\n', '"constructor": {}\n', '=',
];
