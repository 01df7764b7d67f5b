import { FramewireError } from "./errors.js";

/**
 * What a page gives as options is looked at once, where it is given: a wrong value is an error that names the option,
 * what it was, and what it may be. A name that is no option is told in the console, for a newer SDK may know it.
 *
 * @typedef {object} OptionKind
 * @property {string} may what it may be, in words
 * @property {(value: any) => boolean} fits
 */

/** @type {OptionKind} */
export const text = { may: "a text", fits: (value) => typeof value === "string" };
/** @type {OptionKind} */
export const flag = { may: "true or false", fits: (value) => typeof value === "boolean" };
/** @type {OptionKind} */
export const positive = { may: "a number above 0", fits: (value) => isNumber(value) && value > 0 };
/** @type {OptionKind} */
export const notNegative = { may: "0 or more", fits: (value) => isNumber(value) && value >= 0 };
/** @type {OptionKind} */
export const share = {
  may: "0 to 1",
  fits: (value) => isNumber(value) && value >= 0 && value <= 1,
};
/** @type {OptionKind} */
export const call = { may: "a function", fits: (value) => typeof value === "function" };
/** Looked at elsewhere. @type {OptionKind} */
export const other = { may: "", fits: () => true };
/** @type {OptionKind} */
export const stream = {
  may: "a MediaStream",
  fits: (value) => value === null || typeof value?.getAudioTracks === "function",
};

/** @param {string[]} values @returns {OptionKind} */
export const oneOf = (...values) => ({
  may: values.map((value) => `"${value}"`).join(", "),
  fits: (value) => values.includes(value),
});

/** Infinity is one. @param {any} value */
const isNumber = (value) => typeof value === "number" && !Number.isNaN(value);

/** What all connections have. */
const CONNECTION = { token: text, refreshToken: call, server: other, giveUpMs: positive };

/**
 * @param {string} of `play()`
 * @param {unknown} given undefined: none
 * @param {Record<string, OptionKind>} kinds of this call
 */
export function checkOptions(of, given, kinds) {
  if (given === undefined) return;
  if (given === null || typeof given !== "object") {
    throw new FramewireError("bad-option", `The options of ${of} are an object.`);
  }
  const known = /** @type {Record<string, OptionKind>} */ ({ ...CONNECTION, ...kinds });
  for (const [name, value] of Object.entries(given)) {
    const kind = known[name];
    if (!kind) {
      const names = Object.keys(known).sort().join(", ");
      console.warn(`framewire: ${of} has no option "${name}". It has: ${names}.`);
    } else if (value !== undefined && value !== null && !kind.fits(value)) {
      throw new FramewireError(
        "bad-option",
        `${name} of ${of} is ${told(value)}. It may be ${kind.may}.`,
      );
    }
  }
}

/** @param {unknown} value */
function told(value) {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
