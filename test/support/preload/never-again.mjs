// Whoever waits for the next turn of the event loop waits for ever.
globalThis.setImmediate = () => {};
