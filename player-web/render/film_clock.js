/**
 * The clock of a page that is rendered: it stands until the film goes on, and then runs from timer to timer.
 * What reads or waits for time in a page is put in its place: `Date`, `performance.now`, timers, animation frames, idle
 * callbacks. Milliseconds since the page began; times of timers as HTML has them ("Timers"), of equal ones by their number.
 */

/** What a timer that asks for less waits: else one that begins itself anew would hold the film for ever. */
const SHORTEST_MS = 1;
/** HTML, "timer initialization steps", 11: from the fifth that begin one another on. */
const NESTED = 5;
const NESTED_MS = 4;
/** What an idle callback is told that it has, and what each look at it takes away: one that fills its time comes to an end. */
const IDLE_MS = 10;
const IDLE_LOOK_MS = 0.1;

/**
 * @typedef {{ due: number, every: number | null, depth: number, run: () => void }} Timer
 * @typedef {Window & typeof globalThis} Scope
 */

export class FilmClock {
  #now = 0;
  #depth = 0;
  #nextId = 1;
  /** @type {Map<number, Timer>} */
  #timers = new Map();
  /** @type {Map<number, FrameRequestCallback>} */
  #frames = new Map();
  /** @type {Map<number, IdleRequestCallback>} */
  #idle = new Map();
  /** @type {(error: unknown) => void} */
  #report;

  /** @param {(error: unknown) => void} report what a callback throws */
  constructor(report) {
    this.#report = report;
  }

  get now() {
    return this.#now;
  }

  /** @param {() => void} run @param {unknown} delay @param {boolean} again @returns {number} */
  setTimer(run, delay, again) {
    const asked = Number(delay) | 0; // Web IDL, `long`: what has no end, or is too long, is 0
    const least = this.#depth >= NESTED ? NESTED_MS : SHORTEST_MS;
    const wait = Math.max(asked, least);
    const id = this.#nextId++;
    this.#timers.set(id, {
      due: this.#now + wait,
      every: again ? wait : null,
      depth: this.#depth + 1,
      run,
    });
    return id;
  }

  /** @param {unknown} id */
  clearTimer(id) {
    this.#timers.delete(Number(id));
  }

  /** @param {FrameRequestCallback} callback */
  requestFrame(callback) {
    const id = this.#nextId++;
    this.#frames.set(id, callback);
    return id;
  }

  /** @param {IdleRequestCallback} callback */
  requestIdle(callback) {
    const id = this.#nextId++;
    this.#idle.set(id, callback);
    return id;
  }

  /** @param {number} id */
  cancel(id) {
    this.#frames.delete(id);
    this.#idle.delete(id);
  }

  /** When the next timer is due, or null. */
  get nextDue() {
    let next = null;
    for (const { due } of this.#timers.values()) if (next === null || due < next) next = due;
    return next;
  }

  /** Runs the timers that are due at one time, the next one. @param {number} upTo @returns {boolean} whether there were any */
  runNext(upTo) {
    const due = this.nextDue;
    if (due === null || due > upTo) return false;
    this.#now = Math.max(this.#now, due);
    for (const [id, timer] of [...this.#timers]) {
      if (timer.due !== due || !this.#timers.has(id)) continue;
      this.#depth = timer.depth;
      if (timer.every === null) {
        this.#timers.delete(id);
      } else {
        if (timer.depth >= NESTED) timer.every = Math.max(timer.every, NESTED_MS);
        timer.due += timer.every;
        timer.depth += 1; // an interval begins itself anew
      }
      this.#call(timer.run);
      this.#depth = 0;
    }
    return true;
  }

  /** All timers up to then have run. @param {number} ms */
  stand(ms) {
    this.#now = Math.max(this.#now, ms);
  }

  /** The animation frame callbacks that were asked for until now. */
  runFrames() {
    const callbacks = [...this.#frames];
    for (const [id, callback] of callbacks) {
      if (!this.#frames.delete(id)) continue; // cancelled by one before it
      this.#call(() => callback(this.#now));
    }
  }

  runIdle() {
    const callbacks = [...this.#idle.values()];
    this.#idle.clear();
    for (const callback of callbacks) {
      let left = IDLE_MS;
      const timeRemaining = () => {
        left = Math.max(0, left - IDLE_LOOK_MS);
        return left;
      };
      this.#call(() => callback({ didTimeout: false, timeRemaining }));
    }
  }

  /** @param {() => void} callback */
  #call(callback) {
    try {
      callback();
    } catch (error) {
      this.#report(error);
    }
  }
}

/** Puts the clock in the place of the page's. @param {Scope} scope @param {FilmClock} clock @param {number} beganAt ms since 1970 */
export function installClock(scope, clock, beganAt) {
  const { Date: RealDate, performance } = scope;

  /** @param {TimerHandler} handler @param {unknown[]} args */
  const runOf = (handler, args) =>
    typeof handler === "function"
      ? () => handler.apply(scope, args)
      : () => scope.eval(String(handler)); // setTimeout("text")
  const replaced = {
    /** @param {TimerHandler} handler @param {unknown} [delay] @param {unknown[]} args */
    setTimeout: (handler, delay, ...args) => clock.setTimer(runOf(handler, args), delay, false),
    /** @param {TimerHandler} handler @param {unknown} [delay] @param {unknown[]} args */
    setInterval: (handler, delay, ...args) => clock.setTimer(runOf(handler, args), delay, true),
    /** @param {unknown} id */
    clearTimeout: (id) => clock.clearTimer(id),
    /** @param {unknown} id */
    clearInterval: (id) => clock.clearTimer(id),
    /** @param {FrameRequestCallback} callback */
    requestAnimationFrame: (callback) => clock.requestFrame(callback),
    /** @param {number} id */
    cancelAnimationFrame: (id) => clock.cancel(id),
    /** @param {IdleRequestCallback} callback */
    requestIdleCallback: (callback) => clock.requestIdle(callback),
    /** @param {number} id */
    cancelIdleCallback: (id) => clock.cancel(id),
  };
  for (const [name, value] of Object.entries(replaced))
    Object.defineProperty(scope, name, { value, configurable: true, writable: true });

  Object.defineProperty(performance, "now", {
    value: () => clock.now,
    configurable: true,
    writable: true,
  });
  Object.defineProperty(performance, "timeOrigin", { get: () => beganAt, configurable: true });
  const now = () => Math.floor(beganAt + clock.now);
  scope.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
  });
  showElsewhere(scope, now);
  // No trap: a page may put its own in its place, or freeze it.
  Object.defineProperty(RealDate, "now", { value: now, configurable: true, writable: true });
  RealDate.prototype.constructor = scope.Date;
}

/** What else tells the time: the formats of `Intl`, of which "now" is the default, and Temporal. @param {Scope} scope @param {() => number} now ms since 1970 */
function showElsewhere(scope, now) {
  const { Intl: formats, Temporal } = /** @type {any} */ (scope);
  const shape = formats?.DateTimeFormat.prototype;
  const format = shape && Object.getOwnPropertyDescriptor(shape, "format");
  if (format?.get) {
    const { formatToParts } = shape;
    const at = (/** @type {unknown} */ date) => (date === undefined ? now() : date);
    Object.defineProperty(shape, "format", {
      ...format,
      get() {
        const own = format.get?.call(this);
        return (/** @type {unknown} */ date) => own(at(date));
      },
    });
    shape.formatToParts = function (/** @type {unknown} */ date) {
      return formatToParts.call(this, at(date));
    };
  }
  if (!Temporal) return;
  const instant = () => Temporal.Instant.fromEpochMilliseconds(now());
  const zoned = (/** @type {unknown} */ zone = Temporal.Now.timeZoneId()) =>
    instant().toZonedDateTimeISO(zone);
  Object.assign(Temporal.Now, {
    instant,
    zonedDateTimeISO: zoned,
    plainDateTimeISO: (/** @type {unknown} */ zone) => zoned(zone).toPlainDateTime(),
    plainDateISO: (/** @type {unknown} */ zone) => zoned(zone).toPlainDate(),
    plainTimeISO: (/** @type {unknown} */ zone) => zoned(zone).toPlainTime(),
  });
}
