/** `performance` with a clock that a test plays by hand. Its `now` alone cannot be replaced in Node 18. */
const real = /** @type {PropertyDescriptor} */ (
  Object.getOwnPropertyDescriptor(globalThis, "performance")
);

/** @param {() => number} now in milliseconds */
export function playClock(now) {
  const { timeOrigin } = performance;
  const value = { now, timeOrigin };
  Object.defineProperty(globalThis, "performance", { configurable: true, value });
}

export function realClock() {
  Object.defineProperty(globalThis, "performance", real);
}
