import type http from 'node:http';
import zlib from 'node:zlib';

/** What a mirror does with one request; `serve` is right, all others are faults seen in the wild. */
export type Behavior =
  | { readonly type: 'serve' | 'chunked' | 'packed' | 'html' | 'endless' | 'wrong' | 'plain' | 'silent' }
  | { readonly type: 'status'; readonly status: number; readonly headers?: http.OutgoingHttpHeaders }
  | { readonly type: 'redirect'; readonly location: string }
  | { readonly type: 'stall' | 'reset' | 'crawl'; readonly afterBytes: number }
  | { readonly type: 'wrong-length'; readonly byBytes: number }
  | { readonly type: 'late'; readonly delayMs: number }
  | { readonly type: 'hang-up' }
  /** Ends early, and says so in the length that it gives. */
  | { readonly type: 'cut'; readonly afterBytes: number }
  /** Serves another file as if it were this one. */
  | { readonly type: 'instead'; readonly payload: Buffer };

/** Answers a request for a file as the behavior says. */
export function behave(behavior: Behavior, payload: Buffer, response: http.ServerResponse): void {
  const packed = zlib.gzipSync(payload);
  const whole = { 'content-type': 'application/gzip', 'content-length': packed.length };
  switch (behavior.type) {
    case 'serve':
      response.writeHead(200, whole).end(packed);
      break;
    case 'plain':
      response.writeHead(200, { 'content-length': payload.length }).end(payload);
      break;
    case 'chunked':
      response.writeHead(200);
      response.write(packed.subarray(0, 100));
      response.end(packed.subarray(100));
      break;
    case 'packed':
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(zlib.gzipSync(packed));
      break;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html><title>Sign in</title>');
      break;
    case 'wrong': {
      const at = Math.min(200, payload.length - 1);
      response
        .writeHead(200)
        .end(zlib.gzipSync(payload.map((byte, index) => (index === at ? byte ^ 1 : byte))));
      break;
    }
    case 'endless':
      response.writeHead(200);
      pourForEver(response);
      break;
    case 'silent':
      break;
    case 'status':
      response.writeHead(behavior.status, behavior.headers).end('sorry');
      break;
    case 'redirect':
      response.writeHead(302, { location: behavior.location }).end();
      break;
    case 'stall':
      response.writeHead(200, whole).write(packed.subarray(0, behavior.afterBytes));
      break;
    case 'reset':
      response.writeHead(200, whole).write(packed.subarray(0, behavior.afterBytes), () => {
        setImmediate(() => response.socket?.resetAndDestroy());
      });
      break;
    case 'crawl':
      response.writeHead(200, whole).write(packed.subarray(0, behavior.afterBytes));
      crawl(response, packed, behavior.afterBytes);
      break;
    case 'wrong-length':
      response.writeHead(200, { 'content-length': packed.length + behavior.byBytes }).write(packed);
      response.socket?.end();
      break;
    case 'hang-up':
      response.socket?.destroy();
      break;
    case 'cut':
      response.writeHead(200).end(packed.subarray(0, behavior.afterBytes));
      break;
    case 'instead':
      response.writeHead(200).end(zlib.gzipSync(behavior.payload));
      break;
    case 'late':
      setTimeout(() => response.writeHead(200, whole).end(packed), behavior.delayMs);
      break;
  }
}

let endlessBlock: Buffer | undefined;

function pourForEver(response: http.ServerResponse): void {
  const block = (endlessBlock ??= zlib.gzipSync(Buffer.alloc(10_000_000)).subarray(0, 8192));
  const pour = () => {
    while (!response.destroyed && response.write(block));
  };
  response.on('drain', pour);
  pour();
}

function crawl(response: http.ServerResponse, packed: Buffer, from: number): void {
  let at = from;
  const timer = setInterval(() => {
    if (response.destroyed || at >= packed.length) clearInterval(timer);
    else response.write(packed.subarray(at, ++at));
  }, 5);
}
