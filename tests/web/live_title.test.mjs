/** What a publication tells the server of its title, and when. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { LiveTitle } from "../../player-web/sdk/live_title.js";
import { playClock, realClock } from "./clock_by_hand.js";

/** @type {string[]} */
let said = [];
let connected = true;
/** @param {any} message */
const say = ({ type, title }) => {
  assert.equal(type, "title");
  if (connected) said.push(title);
  return connected;
};
beforeEach(() => {
  said = [];
  connected = true;
});

test("what the publish said is not said again; what follows is", () => {
  const title = new LiveTitle("first", say);
  assert.equal(title.introduce(), "first");
  title.begin(false);
  title.set("first");
  assert.deepEqual(said, []);
  title.set("second");
  title.set("second");
  assert.deepEqual(said, ["second"]);
});

test("set while there is no connection: the next publish says it, or a text after a resume", () => {
  const title = new LiveTitle(undefined, say);
  assert.equal(title.introduce(), undefined);
  title.set("early");
  assert.deepEqual(said, []);
  title.begin(false);
  assert.deepEqual(said, ["early"], "it was set after the publish had been said");
  title.pause();
  title.begin(true);
  title.pause();
  title.set("away");
  assert.equal(title.introduce(), "away");
  title.begin(false);
  assert.deepEqual(said, ["early"]);
});

test("of many in a second the last one is told", (t) => {
  const real = { setTimeout, clearTimeout };
  let ms = 5_000;
  /** @type {{at: number, call: () => void} | null} */
  let due = null;
  playClock(() => ms);
  globalThis.setTimeout = /** @type {any} */ (
    (/** @type {() => void} */ call, /** @type {number} */ wait) => (due = { at: ms + wait, call })
  );
  globalThis.clearTimeout = () => (due = null);
  t.after(() => {
    realClock();
    Object.assign(globalThis, real);
  });
  const pass = (/** @type {number} */ time) => {
    ms += time;
    if (due && due.at <= ms) due.call();
  };
  const title = new LiveTitle("", say);
  title.introduce();
  title.begin(false);
  for (const text of ["a", "ab", "abc"]) title.set(text);
  assert.deepEqual(said, ["a"]);
  pass(999);
  assert.deepEqual(said, ["a"]);
  pass(1);
  assert.deepEqual(said, ["a", "abc"]);
  title.set("abcd");
  title.pause();
  pass(5_000);
  assert.deepEqual(said, ["a", "abc"], "nothing is said while the connection is away");
  title.begin(true);
  assert.deepEqual(said, ["a", "abc", "abcd"]);
});

test("what is no title is refused", () => {
  const title = new LiveTitle("", say);
  assert.throws(() => title.set(7), { code: "bad-option", message: /not number/ });
  assert.throws(() => title.set("ä".repeat(513)), { code: "limit-exceeded", message: /1026/ });
  title.set("ä".repeat(512));
});
