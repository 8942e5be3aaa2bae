/** An error as a failed system call throws it. */
export function createSystemError(code: string): Error {
  return Object.assign(new Error(`${code}: as a test wants it`), { code });
}
