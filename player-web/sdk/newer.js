/**
 * What newer browsers have by themselves. The floor is Chromium 87, Firefox 90 and Safari 15 (docs/sdk.md); the check of
 * types (tsconfig.floor.json) and tests/web/floor.test.mjs keep it.
 */

/** @template T @param {readonly T[]} list @returns {T | undefined} */
export const last = (list) => list[list.length - 1];

/** Has it a member of its own? @param {object} object @param {PropertyKey} name */
export const has = (object, name) => Reflect.getOwnPropertyDescriptor(object, name) !== undefined;
