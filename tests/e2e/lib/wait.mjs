/** Waiting for conditions, with generous limits and a sentence that says what did not happen. */

/** @param {number} ms */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {string} what e.g. "the server to close the socket"
 * @param {number} [ms]
 * @returns {Promise<T>}
 */
export function within(promise, what, ms = 15_000) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    const error = new Error(`waited ${ms} ms in vain for ${what}`);
    timer = setTimeout(() => reject(error), ms);
  });
  return /** @type {Promise<T>} */ (
    Promise.race([promise, late]).finally(() => clearTimeout(timer))
  );
}

/**
 * Asks again and again until the answer is truthy.
 * @template T
 * @param {() => T | Promise<T>} ask
 * @param {string} what
 * @param {{ms?: number, every?: number}} [options]
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(ask, what, { ms = 15_000, every = 10 } = {}) {
  const deadline = Date.now() + ms;
  const error = new Error(`waited ${ms} ms in vain for ${what}`);
  for (;;) {
    const answer = await ask();
    if (answer) return /** @type {NonNullable<T>} */ (answer);
    if (Date.now() > deadline) throw error;
    await sleep(every);
  }
}

/**
 * A promise to be kept by others.
 * @returns {{promise: Promise<any>, resolve: (value?: any) => void, reject: (error: Error) => void}}
 */
export function deferred() {
  /** @type {any} */
  const out = {};
  out.promise = new Promise((resolve, reject) => Object.assign(out, { resolve, reject }));
  out.promise.catch(() => {});
  return out;
}
