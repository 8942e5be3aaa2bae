import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/**
 * Has an address swallow what comes to it, without an answer, until the test ends: its server is stopped, and the queue of those
 * who wait for it is full.
 */
export async function startBlackHole(host: string, port: number): Promise<void> {
  const program = `require('net').createServer().listen(${JSON.stringify({ host, port, backlog: 1 })}, () => console.log())`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const waiting: net.Socket[] = [];
  onTestFinished(() => {
    for (const socket of waiting) socket.destroy();
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  for (let isFull = false; !isFull; ) {
    const socket = net.connect({ host, port }).on('error', () => {});
    waiting.push(socket);
    isFull = await Promise.race([once(socket, 'connect').then(() => false), sleep(200, true)]);
  }
}
