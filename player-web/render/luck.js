/** The same luck at each run: `Math.random`, `crypto.getRandomValues` and `crypto.randomUUID` from a seed. */

/** Numbers of 32 bits: mulberry32, of Tommy Ettinger (public domain). @param {number} seed */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** @param {import("./film_clock.js").Scope} scope @param {number} seed */
export function installLuck(scope, seed) {
  const next = seeded(seed);
  scope.Math.random = () => next() / 2 ** 32;
  const { crypto } = scope;
  if (!crypto) return;
  /** @param {Uint8Array} bytes */
  const fill = (bytes) => {
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = next() & 0xff;
  };
  Object.defineProperty(crypto, "getRandomValues", {
    value: (/** @type {ArrayBufferView<ArrayBuffer>} */ array) => {
      fill(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
      return array;
    },
    configurable: true,
    writable: true,
  });
  // RFC 9562, section 5.4.
  const randomUUID = () => {
    const bytes = new Uint8Array(16);
    fill(bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };
  Object.defineProperty(crypto, "randomUUID", {
    value: randomUUID,
    configurable: true,
    writable: true,
  });
}
