// How text from outside is shown: for setup and for src alike. The loader, which is published on its own, has `escapeText` once more,
// and a test compares the two.

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Makes text from outside safe for a terminal: control, escape and bidi characters escaped, and cut at `limit` characters. */
export function escapeText(/** @type {string} */ text, limit = 200) {
  const escaped = text.replace(unsafe, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${formatHex(code, 2)}` : `\\u${formatHex(code, 4)}`;
  });
  return escaped.length <= limit ? escaped : `${escaped.slice(0, limit - 1)}…`;
}

/** Text as one word of a shell; control and bidi characters, which a terminal must not get, as bash and zsh escape them. */
export function quote(/** @type {string} */ text) {
  if (/^[\w./:,@%+=-]+$/.test(text)) return text;
  if (text.search(unsafe) < 0) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = text
    .replaceAll(/[\\']/g, '\\$&')
    .replaceAll(unsafe, (character) => `\\u${formatHex(character.charCodeAt(0), 4)}`);
  return `$'${escaped}'`;
}

function formatHex(code, digits) {
  return code.toString(16).padStart(digits, '0');
}
