/** What browsers have and Node 18, Debian 12's, has not. */
globalThis.CustomEvent ??= /** @type {any} */ (
  class CustomEvent extends Event {
    /** @param {string} type @param {EventInit & {detail?: unknown}} [options] */
    constructor(type, options = {}) {
      super(type, options);
      this.detail = options.detail ?? null;
    }
  }
);
