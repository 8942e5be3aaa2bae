// Makes every attempt to reach a network fail, loudly.
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

function refuse() {
  throw new Error('the network was touched');
}

net.Socket.prototype.connect = refuse;
dns.lookup = refuse;
syncBuiltinESMExports();
