// Lets the waits between attempts pass a hundred times faster, and limits of time so many times as HURRY says.
import { syncBuiltinESMExports } from 'node:module';
import promises from 'node:timers/promises';

const { setTimeout, setInterval } = globalThis;
const shorten = (delayMs) => (delayMs > 400 ? delayMs / Number(process.env.HURRY ?? 1) : delayMs);
globalThis.setTimeout = (action, delayMs, ...given) => setTimeout(action, shorten(delayMs), ...given);
globalThis.setInterval = (action, delayMs, ...given) => setInterval(action, shorten(delayMs), ...given);
const sleep = promises.setTimeout;
promises.setTimeout = (delayMs, ...given) => sleep(delayMs / 100, ...given);
syncBuiltinESMExports();
