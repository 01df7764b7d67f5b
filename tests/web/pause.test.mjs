import assert from "node:assert/strict";
import { test } from "node:test";
import "./globals.js";
import { Pause } from "../../player-web/sdk/pause.js";
import { subscribe } from "../../player-web/sdk/subscribe.js";

// what `waiting` says, the part's epoch, its number (none: the epoch's beginning), was it before the pause?
const rows = /** @type {[object, number, number | undefined, boolean][]} */ ([
  [{ epoch: 2, next: 10 }, 2, undefined, true],
  [{ epoch: 2, next: 10 }, 2, 9, true],
  [{ epoch: 2, next: 10 }, 2, 10, false],
  [{ epoch: 2, next: 10 }, 1, 500, true],
  [{ epoch: 2, next: 10 }, 3, 0, false],
  [{ epoch: 2, next: 10 }, 3, undefined, false],
  [{}, 1, undefined, false],
  [{}, 1, 0, false],
]);
for (const [waiting, epoch, sequence, before] of rows) {
  test(`${JSON.stringify(waiting)}: part ${sequence} of epoch ${epoch} was ${before ? "" : "not "}before`, () => {
    const pause = new Pause({ type: "waiting", ...waiting });
    assert.equal(pause.covers(epoch, sequence), before);
  });
}

test("what a server said before it was started anew is forgotten: its numbers begin anew", async () => {
  const own = /** @type {any} */ (globalThis);
  const real = own.WebSocket;
  /** @type {any[]} */ const sockets = [];
  own.WebSocket = class {
    static OPEN = 1;
    static CLOSED = 3;
    readyState = 1;
    constructor() {
      sockets.push(this);
    }
    close() {}
  };
  try {
    const subscription = subscribe("ws://h/live/x");
    const say = (/** @type {number} */ n, /** @type {object} */ message) =>
      sockets[n].onmessage({ data: JSON.stringify(message) });
    sockets[0].onopen();
    say(0, { type: "stream", epoch: 3 });
    say(0, { type: "waiting", reason: "publisher-lost", epoch: 3, next: 500 });
    assert.equal(subscription.state, "waiting");
    sockets[0].readyState = 3;
    sockets[0].onclose({ code: 1006, reason: "" });
    while (sockets.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    sockets[1].onopen();
    say(1, { type: "stream", epoch: 1 });
    assert.equal(subscription.state, "live");
    sockets[1].readyState = 3;
    subscription.stop();
  } finally {
    own.WebSocket = real;
  }
});
