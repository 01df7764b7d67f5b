/** The clock of a page that is rendered (player-web/render): when timers run, what a page reads, and its luck. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { FilmClock, installClock } from "../../player-web/render/film_clock.js";
import { installLuck, seeded } from "../../player-web/render/luck.js";

/** @type {unknown[]} */
const thrown = [];
const clock = () => new FilmClock((error) => thrown.push(error));

/** Lets all timers up to then run. @param {FilmClock} of @param {number} ms */
function goTo(of, ms) {
  while (of.runNext(ms)) {
    // the next one
  }
  of.stand(ms);
}

/** A page's globals, as far as the clock needs them. @returns {any} */
const scopeOf = () => ({ Date, performance: {}, eval: (/** @type {string} */ text) => text });
const { now: realNow } = Date;
/** What a clock that was installed has changed of this program's own. */
afterEach(() => {
  Date.now = realNow;
});

test("timers run at their times, in their order, and read them", () => {
  const one = clock();
  /** @type {[string, number][]} */
  const seen = [];
  const note = (/** @type {string} */ name) => () => seen.push([name, one.now]);
  one.setTimer(note("late"), 30, false);
  one.setTimer(note("early"), 10, false);
  one.setTimer(note("early too"), 10, false);
  const every = one.setTimer(note("every"), 15, true);
  goTo(one, 16.5);
  assert.equal(one.now, 16.5);
  goTo(one, 31);
  one.clearTimer(every);
  goTo(one, 1000);
  assert.deepEqual(seen, [
    ["early", 10],
    ["early too", 10],
    ["every", 15],
    ["late", 30],
    ["every", 30],
  ]);
});

test("a timer that begins itself anew does not hold the film, and waits 4 ms from the fifth on", () => {
  const one = clock();
  /** @type {number[]} */
  const at = [];
  const again = () => {
    at.push(one.now);
    one.setTimer(again, 0, false);
  };
  again();
  goTo(one, 20);
  assert.deepEqual(at, [0, 1, 2, 3, 4, 5, 9, 13, 17]);
});

test("a timer that another one clears does not run; what one throws is told, and the others run", () => {
  const one = clock();
  thrown.length = 0;
  /** @type {string[]} */
  const seen = [];
  /** @type {number} */
  let second;
  one.setTimer(() => one.clearTimer(second), 5, false);
  second = one.setTimer(() => seen.push("cleared"), 5, false);
  one.setTimer(
    () => {
      throw new Error("mine");
    },
    6,
    false,
  );
  one.setTimer(() => seen.push("last"), 7, false);
  goTo(one, 10);
  assert.deepEqual(seen, ["last"]);
  assert.deepEqual(
    thrown.map((error) => /** @type {Error} */ (error).message),
    ["mine"],
  );
});

test("animation frames run once each, with the film's time; those asked for within one wait for the next", () => {
  const one = clock();
  /** @type {number[]} */
  const at = [];
  const again = (/** @type {number} */ now) => {
    at.push(now);
    one.requestFrame(again);
  };
  one.requestFrame(again);
  const gone = one.requestFrame(() => at.push(-1));
  one.cancel(gone);
  for (const ms of [0, 20, 40]) {
    one.stand(ms);
    one.runFrames();
  }
  assert.deepEqual(at, [0, 20, 40]);
});

test("Date and performance.now tell the film's time", () => {
  const one = clock();
  const scope = scopeOf();
  const began = Date.UTC(2026, 0, 1);
  installClock(scope, one, began);
  one.stand(1500.5);
  assert.equal(scope.performance.now(), 1500.5);
  assert.equal(scope.Date.now(), began + 1500);
  assert.equal(new scope.Date().getTime(), began + 1500);
  assert.equal(new scope.Date(0).getTime(), 0, "other dates are as they are");
  assert.equal(scope.Date.UTC(1970, 0, 1), 0);
  assert.match(scope.Date(), /2026|2025/);
  assert.ok(new scope.Date() instanceof scope.Date);
  assert.equal(new scope.Date(0).constructor, scope.Date);
});

test("timers of the page take arguments and text", () => {
  const one = clock();
  const scope = scopeOf();
  /** @type {string[]} */
  const seen = [];
  scope.eval = (/** @type {string} */ text) => seen.push(text);
  installClock(scope, one, 0);
  scope.setTimeout(
    (/** @type {string} */ a, /** @type {string} */ b) => seen.push(a + b),
    1,
    "a",
    "b",
  );
  scope.setTimeout("text", 2);
  goTo(one, 5);
  assert.deepEqual(seen, ["ab", "text"]);
});

test("the same seed gives the same luck, another seed another", () => {
  const lucky = (/** @type {number} */ seed) => {
    /** @type {any} */
    const scope = { Math: Object.create(Math), crypto: {} };
    installLuck(scope, seed);
    const bytes = scope.crypto.getRandomValues(new Uint8Array(8));
    return [scope.Math.random(), [...bytes], scope.crypto.randomUUID()];
  };
  assert.deepEqual(lucky(1), lucky(1));
  assert.notDeepEqual(lucky(1), lucky(2));
  assert.match(
    String(lucky(1)[2]),
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  const next = seeded(7);
  const many = Array.from({ length: 10_000 }, next);
  const mean = many.reduce((sum, value) => sum + value / 2 ** 32, 0) / many.length;
  assert.ok(Math.abs(mean - 0.5) < 0.02, `spread evenly: ${mean}`);
});

test("delays are what Web IDL makes of them: what has no end, or is too long, is 0", () => {
  const one = clock();
  /** @type {unknown[]} */
  const seen = [];
  for (const delay of [Number.POSITIVE_INFINITY, Number.NaN, -5, 2 ** 31, "7", 8.9, undefined])
    one.setTimer(() => seen.push([delay, one.now]), delay, false);
  goTo(one, 10);
  assert.deepEqual(seen, [
    [Number.POSITIVE_INFINITY, 1],
    [Number.NaN, 1],
    [-5, 1],
    [2 ** 31, 1],
    [undefined, 1],
    ["7", 7],
    [8.9, 8],
  ]);
});

test("an interval without a delay comes each 4 ms from the fifth time on", () => {
  const one = clock();
  /** @type {number[]} */
  const at = [];
  one.setTimer(() => at.push(one.now), 0, true);
  goTo(one, 16);
  assert.deepEqual(at, [1, 2, 3, 4, 5, 9, 13]);
});

test("an idle callback that fills its time comes to an end", () => {
  const one = clock();
  let looks = 0;
  one.requestIdle((deadline) => {
    while (deadline.timeRemaining() > 0) looks += 1;
  });
  one.runIdle();
  assert.ok(looks > 10 && looks < 1000, `${looks}`);
});

test("a page may put its own Date.now in its place, and freeze Date", () => {
  const scope = scopeOf();
  scope.Date = class extends Date {};
  installClock(scope, clock(), 5);
  assert.equal(scope.Date.now(), 5);
  scope.Date.now = () => 42;
  assert.equal(scope.Date.now(), 42);
  Object.freeze(scope.Date);
  assert.equal(scope.Date.now(), 42);
});

test("Intl and Temporal tell the film's time", () => {
  const scope = scopeOf();
  class DateTimeFormat {
    get format() {
      return (/** @type {unknown} */ date) => `at ${date}`;
    }
    formatToParts(/** @type {unknown} */ date) {
      return [date];
    }
  }
  scope.Intl = { DateTimeFormat };
  const instant = { toZonedDateTimeISO: (/** @type {string} */ zone) => `in ${zone}` };
  const fromEpochMilliseconds = (/** @type {number} */ ms) => ({ ms, ...instant });
  scope.Temporal = { Now: { timeZoneId: () => "UTC" }, Instant: { fromEpochMilliseconds } };
  const one = clock();
  installClock(scope, one, 1000);
  one.stand(20);
  const made = new DateTimeFormat();
  assert.equal(made.format(undefined), "at 1020");
  assert.equal(made.format(7), "at 7");
  assert.deepEqual(made.formatToParts(undefined), [1020]);
  assert.equal(scope.Temporal.Now.instant().ms, 1020);
  assert.equal(scope.Temporal.Now.zonedDateTimeISO(), "in UTC");
});
