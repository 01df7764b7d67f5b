/**
 * @param {TimeRanges} ranges
 * @returns {Range[]}
 */
export function listRanges(ranges: TimeRanges): Range[];
/**
 * @param {Range[]} ranges what is buffered, in order
 * @param {number} position of the playhead, in seconds
 * @returns {number | null} where to seek; null = stay
 */
export function findJump(ranges: Range[], position: number): number | null;
/**
 * in seconds
 */
export type Range = {
    start: number;
    end: number;
};
