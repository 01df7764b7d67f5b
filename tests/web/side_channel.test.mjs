import assert from "node:assert/strict";
import { test } from "node:test";
import "./globals.js";
import { Emitter } from "../../player-web/sdk/emitter.js";
import { SideChannel } from "../../player-web/sdk/side_channel.js";

/** @param {boolean} connected */
function channel(connected) {
  /** @type {any[]} */
  const sent = [];
  const side = new SideChannel("Ann", (message) => {
    if (connected) sent.push(message);
    return connected;
  });
  return { side, sent };
}
const heard = (/** @type {string} */ sender) => ({
  type: "message",
  sender,
  name: "Bob",
  role: "viewer",
  epoch: 2,
  pts: 1_500_000,
  wall_ms: 99,
  data: { text: "hi" },
});

test("a message carries the default name, or the one that is given", () => {
  const { side, sent } = channel(true);
  side.send("hello");
  side.send([1], { name: "Zed" });
  side.send(null, { name: "" });
  assert.deepEqual(sent, [
    { type: "message", data: "hello", name: "Ann" },
    { type: "message", data: [1], name: "Zed" },
    { type: "message", data: null, name: undefined },
  ]);
});

/** The detail of the event that a text becomes. @param {SideChannel} side @param {any} message */
function told(side, message) {
  /** @type {[string, any][]} */
  const events = [];
  side.hear(message, (type, detail) => events.push([type, detail]));
  assert.deepEqual(
    events.map(([type]) => type),
    ["message"],
  );
  return events[0][1];
}

test("what comes beside messages: who we are, who is muted, what is wrong; nothing of others", () => {
  const { side } = channel(true);
  /** @type {[string, any][]} */
  const events = [];
  for (const message of [
    { type: "sender", sender: "0-7" },
    { type: "muted", sender: "0-1", muted: true },
    { type: "warning", code: "muted", message: "The publisher has muted you." },
    { type: "viewers", count: 1 },
  ]) {
    side.hear(message, (type, detail) => events.push([type, detail]));
  }
  assert.equal(side.sender, "0-7");
  assert.deepEqual(events, [
    ["mutedsender", { sender: "0-1", muted: true }],
    ["warning", { code: "muted", message: "The publisher has muted you." }],
  ]);
});

test("what comes is given in the words of the SDK", () => {
  const { side } = channel(true);
  assert.deepEqual(told(side, heard("0-1")), {
    data: { text: "hi" },
    sender: "0-1",
    name: "Bob",
    role: "viewer",
    own: false,
    epoch: 2,
    mediaTimeUs: 1_500_000,
    sentAtMs: 99,
    history: false,
  });
});

test("what was said before is told once, also after another connection", () => {
  const { side } = channel(true);
  /** @type {string[]} */ const events = [];
  const hear = (/** @type {any} */ message) =>
    side.hear(message, (type, detail) => events.push(`${type} ${detail.data ?? detail}`));
  const say = (/** @type {number} */ data, more = {}) =>
    hear({ ...heard("0-1"), wall_ms: data, data, ...more });
  say(1, { history: true });
  say(2);
  for (const data of [1, 2, 3]) say(data, { history: true });
  say(3);
  hear({ type: "slow", interval_ms: 5_000 });
  hear({ type: "cleared" });
  assert.deepEqual(events, [
    ...["message 1", "message 2", "message 3", "message 3"],
    ...["slowmode 5000", "cleared true"],
  ]);
  for (let n = 0; n < 2_000; n += 1) say(n, { history: true });
  assert.equal(events.length, 6 + 2_000 - 3, "only as many are remembered as a server keeps");
});

test("its own messages are known, also those of an earlier connection", () => {
  const { side } = channel(true);
  side.named("0-1");
  side.named("1-4");
  assert.equal(side.sender, "1-4");
  assert.deepEqual(
    ["0-1", "1-4", "0-2"].map((sender) => told(side, heard(sender)).own),
    [true, true, false],
  );
});

const refused = /** @type {[string, unknown, boolean, string][]} */ ([
  ["without a connection", "hi", false, "not-connected"],
  ["a function", () => {}, true, "bad-message"],
  ["nothing", undefined, true, "bad-message"],
  ["more than a control message may hold", "x".repeat(16 << 10), true, "limit-exceeded"],
  ["the same in letters of two bytes", "\u00e4".repeat(8 << 10), true, "limit-exceeded"],
]);
for (const [name, data, connected, code] of refused) {
  test(`refused: ${name}`, () => {
    const { side, sent } = channel(connected);
    assert.throws(() => side.send(data), { name: "FramewireError", code });
    assert.deepEqual(sent, []);
  });
}

test("on() gives the detail and can be ended", () => {
  /** @extends {Emitter<{state: string}>} */
  class Thing extends Emitter {
    /** @param {string} state */
    become(state) {
      this.emit("state", state);
    }
  }
  const thing = new Thing();
  /** @type {string[]} */
  const states = [];
  const end = thing.on("state", (state) => states.push(state));
  thing.become("live");
  end();
  thing.become("ended");
  assert.deepEqual(states, ["live"]);
});
