/** Small helpers for tests that do things at random, from a seed. */
import { random } from "./proc.mjs";

export class Dice {
  /** @param {number} seed */
  constructor(seed) {
    this.next = random(seed);
  }
  /** @param {number} below */
  int(below) {
    return Math.floor(this.next() * below);
  }
  /** @template T @param {T[]} list @returns {T} */
  one(list) {
    return list[this.int(list.length)];
  }
  /** @param {number} probability */
  chance(probability) {
    return this.next() < probability;
  }
  /** @param {number} from @param {number} to */
  between(from, to) {
    return from + this.next() * (to - from);
  }
}
