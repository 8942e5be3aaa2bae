/** A reader with a fault behind three doors. Only who hears each of them open comes through. */
export function readMaze(bytes: Buffer): void {
  if (bytes[0] !== 0x6d) return;
  if (bytes[1] !== 0x61) return;
  if (bytes[2] !== 0x7a) return;
  throw new Error('the end of the maze');
}
