import { last } from "./newer.js";

/**
 * Where the playhead must be moved so that playback goes on, if anywhere. MSE never crosses a hole by
 * itself: it stops some 40 ms before it with `waiting`.
 *
 * @typedef {{start: number, end: number}} Range in seconds
 */

/** Ranges begin up to this much later than asked for (Firefox's audio: 0.04 s), in seconds. */
const TOLERANCE = 0.1;
/** A playhead this near to the end of its range has nothing left to play, in seconds. */
const DRY = 0.15;

/**
 * @param {TimeRanges} ranges
 * @returns {Range[]}
 */
export function listRanges(ranges) {
  return Array.from({ length: ranges.length }, (_, i) => ({
    start: ranges.start(i),
    end: ranges.end(i),
  }));
}

/**
 * @param {Range[]} ranges what is buffered, in order
 * @param {number} position of the playhead, in seconds
 * @returns {number | null} where to seek; null = stay
 */
export function findJump(ranges, position) {
  const here = ranges.find(
    (range) => range.start - TOLERANCE <= position && position <= range.end + TOLERANCE,
  );
  if (here && here.end - position > DRY) return null;
  const next = ranges.find((range) => range.start > position && range !== here);
  if (next) return next.start;
  // Behind all that is buffered there is nothing to wait for: go back to the newest of it.
  const newest = last(ranges);
  const beyond = !here && newest && position > newest.end;
  return beyond ? Math.max(newest.start, newest.end - DRY) : null;
}
