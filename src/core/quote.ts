/** Text as one word of a shell; control and bidi characters, which a terminal must not get, as bash and zsh escape them. */
export function quote(text: string): string {
  if (/^[\w./:,@%+=-]+$/.test(text)) return text;
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
  if (!unsafe.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = text
    .replaceAll(/[\\']/g, '\\$&')
    .replaceAll(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `$'${escaped}'`;
}
