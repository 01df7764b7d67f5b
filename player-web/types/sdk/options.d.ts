/**
 * @param {string} of `play()`
 * @param {unknown} given undefined: none
 * @param {Record<string, OptionKind>} kinds of this call
 */
export function checkOptions(of: string, given: unknown, kinds: Record<string, OptionKind>): void;
/**
 * What a page gives as options is looked at once, where it is given: a wrong value is an error that names the option,
 * what it was, and what it may be. A name that is no option is told in the console, for a newer SDK may know it.
 *
 * @typedef {object} OptionKind
 * @property {string} may what it may be, in words
 * @property {(value: any) => boolean} fits
 */
/** @type {OptionKind} */
export const text: OptionKind;
/** @type {OptionKind} */
export const flag: OptionKind;
/** @type {OptionKind} */
export const positive: OptionKind;
/** @type {OptionKind} */
export const notNegative: OptionKind;
/** @type {OptionKind} */
export const share: OptionKind;
/** @type {OptionKind} */
export const call: OptionKind;
/** Looked at elsewhere. @type {OptionKind} */
export const other: OptionKind;
/** @type {OptionKind} */
export const stream: OptionKind;
export function oneOf(...values: string[]): OptionKind;
/**
 * What a page gives as options is looked at once, where it is given: a wrong value is an error that names the option,
 * what it was, and what it may be. A name that is no option is told in the console, for a newer SDK may know it.
 */
export type OptionKind = {
    /**
     * what it may be, in words
     */
    may: string;
    fits: (value: any) => boolean;
};
