// Run as a child of setup: a library that crashes ends this process and no other.
import { createRequire } from 'node:module';

const [task = '', quiet = '', framework = '', tensorflow = '', binding = '', ops] = process.argv.slice(2);
const require = createRequire(import.meta.url);

if (task === 'library') {
  // Loaded a second time with a message where the silent way says no.
  if (require(quiet).load(framework, tensorflow) !== 2) {
    for (const file of [framework, tensorflow]) loadAlone(file);
  }
} else {
  const { loadTfjs } = await import('./tfjs.mjs');
  const tf = loadTfjs({ quiet, framework, tensorflow, binding });
  const [product] = tf.tidy(() => tf.matMul([[6]], [[7]]).dataSync());
  if (product !== 42) {
    console.error(`6 times 7 is ${product}`);
    process.exitCode = 1;
  }
  if (ops) require(ops);
  const backend = /** @type {any} */ (tf.backend());
  console.log(backend.binding.TF_Version);
}

function loadAlone(file) {
  try {
    process.dlopen({ exports: {} }, file);
  } catch (error) {
    // A library that loads is not an addon, and says so.
    if (/self-register|did not self/i.test(error.message)) return;
    console.error(error.message);
    process.exitCode = 1;
  }
}
