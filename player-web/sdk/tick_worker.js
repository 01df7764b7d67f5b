/** A timer that browsers do not hold back in the background. Message in: milliseconds between ticks; out: each tick. */
const scope = /** @type {any} */ (globalThis);

scope.onmessage = (/** @type {MessageEvent<number>} */ { data: everyMs }) => {
  setInterval(() => scope.postMessage(null), everyMs);
};
