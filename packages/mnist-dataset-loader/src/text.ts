/** 47040016 -> "47,040,016". */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** A byte as files' documents write it: 8 -> "0x08". */
export function formatByte(byte: number): string {
  return `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** The system's error word (`ENOSPC`) of a failed call, or `undefined` where it is no such error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

const errnoWords: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EAI_AGAIN: 'the name cannot be resolved just now',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'it exists already',
  EHOSTUNREACH: 'the host cannot be reached',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a folder',
  ELOOP: 'too many symbolic links, probably a loop',
  EMFILE: 'too many open files in this process',
  ENAMETOOLONG: 'the name is too long',
  ENETUNREACH: 'the network cannot be reached',
  ENFILE: 'too many open files in this system',
  ENOENT: 'it does not exist',
  ENOMEM: 'not enough memory',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a folder',
  ENOTFOUND: 'the name cannot be resolved',
  EPERM: 'operation not permitted',
  EPIPE: 'the connection was closed',
  EROFS: 'the file system is read-only',
  ETIMEDOUT: 'the connection timed out',
};

/** An errno in words and in brackets: "the disk is full (ENOSPC)"; other errors give their message. */
export function formatErrno(error: unknown): string {
  const errno = errnoOf(error);
  if (errno !== undefined) return `${errnoWords[errno] ?? 'the system refused'} (${errno})`;
  return error instanceof Error ? error.message : String(error);
}

/** Makes text from outside safe for a terminal: control, escape and bidi characters escaped, 200 characters at most. */
export function escapeText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
  const escaped = text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`;
  });
  return escaped.length <= 200 ? escaped : `${escaped.slice(0, 199)}…`;
}
