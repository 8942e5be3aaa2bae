// At the end of the process: says on stderr whether TensorFlow was loaded.
import fs from 'node:fs';

process.on('exit', () => {
  const hasLibrary = fs.readFileSync('/proc/self/maps', 'utf8').includes('libtensorflow');
  fs.writeSync(2, hasLibrary ? 'TensorFlow was loaded\n' : 'TensorFlow was not loaded\n');
});
