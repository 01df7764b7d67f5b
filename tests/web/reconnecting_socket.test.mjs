/** The connection, and what becomes of one that never opens: a socket and a server that are played by hand. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import "./globals.js";
import { ReconnectingSocket } from "../../player-web/sdk/reconnecting_socket.js";

const URL_OF_CAM = "wss://host.example/live/cam?token=secret";

class FakeSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 3;
  /** @type {FakeSocket[]} */
  static all = [];
  /** What becomes of each that is opened. @type {(socket: FakeSocket) => void} */
  static fate = (socket) => socket.fail();
  readyState = 0;
  /** @type {any} */ onopen = null;
  /** @type {any} */ onmessage = null;
  /** @type {any} */ onclose = null;
  /** @param {string} url */
  constructor(url) {
    this.url = url;
    FakeSocket.all.push(this);
    setTimeout(() => FakeSocket.fate(this), 1);
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
  /** @param {number} [code] @param {string} [reason] */
  fail(code = 1006, reason = "") {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
  close() {
    this.readyState = 3;
    queueMicrotask(() => this.onclose?.({ code: 1000, reason: "" }));
  }
}

const own = /** @type {any} */ (globalThis);
const real = { WebSocket: own.WebSocket, fetch: own.fetch, warn: console.warn };
/** @type {string[]} */ let warned = [];
/** @type {ReconnectingSocket[]} */ const sockets = [];

beforeEach(() => {
  FakeSocket.all = [];
  FakeSocket.fate = (socket) => socket.fail();
  own.WebSocket = FakeSocket;
  own.fetch = async () => {
    throw new TypeError("nobody there");
  };
  warned = [];
  console.warn = (line) => warned.push(line);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.stop();
  Object.assign(own, { WebSocket: real.WebSocket, fetch: real.fetch });
  console.warn = real.warn;
});

/** @param {number} giveUpMs */
function open(giveUpMs) {
  let losses = 0;
  const news = { losses: () => losses };
  const refused = new Promise((resolve) => {
    const socket = new ReconnectingSocket({
      url: () => URL_OF_CAM,
      giveUpMs,
      opened: () => {},
      text: () => {},
      lost: () => {
        losses += 1;
      },
      refused: resolve,
    });
    sockets.push(socket);
  });
  return { refused, ...news };
}

/** @param {() => boolean} holds */
async function until(holds) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

test("a server that was never there is an error with its address, a hint, and no key", async () => {
  const { refused } = open(30);
  const why = await refused;
  assert.equal(why.code, "unreachable");
  assert.match(why.message, /^wss:\/\/host\.example\/live\/cam could not be reached/);
  assert.match(why.message, /https:\/\/host\.example\/healthz/);
  assert.doesNotMatch(why.message + warned.join(), /secret/);
});

test("one that never answers is given up likewise", async () => {
  FakeSocket.fate = () => {};
  const { refused } = open(30);
  assert.equal((await refused).code, "unreachable");
});

test("one that was there once is waited for", async () => {
  FakeSocket.fate = (socket) => {
    if (FakeSocket.all.length === 1) socket.open();
    socket.fail();
  };
  const { refused, losses } = open(20);
  await until(() => losses() >= 4);
  assert.equal(await Promise.race([refused, "waits"]), "waits");
});

for (const status of [429, 503]) {
  test(`one that answers ${status} has no room now, and is asked again`, async () => {
    own.fetch = async () => ({ status, json: async () => null });
    const { refused } = open(20);
    await until(() => FakeSocket.all.length > 5);
    assert.equal(await Promise.race([refused, "waits"]), "waits");
  });
}

test("one that says how long to wait is not asked sooner", async () => {
  FakeSocket.fate = (socket) => {
    socket.open();
    socket.onmessage?.({
      data: '{"type":"error","code":"wrong-keys","message":"","retry_ms":60000}',
    });
    socket.fail(1013, "wrong-keys");
  };
  /** @type {number[]} */ const waits = [];
  const nothing = () => {};
  const lost = (/** @type {any} */ _, /** @type {number} */ inMs) => waits.push(inMs);
  sockets.push(
    new ReconnectingSocket({
      url: () => URL_OF_CAM,
      opened: nothing,
      text: nothing,
      lost,
      refused: nothing,
    }),
  );
  await until(() => waits.length > 0);
  assert.deepEqual(waits, [60_000]);
});

for (const [name, refusals, last] of /** @type {[string, number, string][]} */ ([
  ["a page that is counted twice is let in once its old connection is missed", 2, ""],
  ["one that stays over its quota is told so", 9, "over-quota"],
]))
  test(name, async () => {
    FakeSocket.fate = (socket) => {
      socket.open();
      if (FakeSocket.all.length > refusals)
        return socket.onmessage?.({ data: '{"type":"waiting","reason":"no-publisher"}' });
      socket.onmessage?.({ data: '{"type":"error","code":"over-quota","message":""}' });
      socket.fail(1008, "over-quota");
    };
    let said = "";
    let refused = "";
    const handlers = {
      url: () => URL_OF_CAM,
      quotaRetriesMs: [1, 2, 3],
      opened: () => {},
      text: (/** @type {any} */ { type }) => {
        said = type;
      },
      lost: () => {},
      refused: (/** @type {any} */ { code }) => {
        refused = code;
      },
    };
    sockets.push(new ReconnectingSocket(handlers));
    await until(() => refused !== "" || said === "waiting");
    assert.equal(refused, last);
    assert.equal(FakeSocket.all.length, Math.min(refusals, 3) + 1);
  });

test("an outage has one line in the console, the next one another", async () => {
  let up = false;
  FakeSocket.fate = (socket) => (up ? socket.open() : socket.fail());
  const { losses } = open(60_000);
  await until(() => losses() >= 3);
  assert.equal(warned.length, 1);
  up = true;
  await until(() => FakeSocket.all[FakeSocket.all.length - 1].readyState === 1);
  up = false;
  FakeSocket.all[FakeSocket.all.length - 1].fail();
  await until(() => losses() >= 5);
  assert.equal(warned.length, 2);
});

for (const [url, message] of [
  [URL_OF_CAM, /does not take this key/],
  ["wss://host.example/live/cam", /needs a key/],
]) {
  test(`${url}: refused, the sentence is ${message}`, async () => {
    FakeSocket.fate = (socket) => socket.fail(1008, "unauthorized");
    const why = await new Promise((resolve) => {
      const nothing = () => {};
      const handlers = { opened: nothing, text: nothing, lost: nothing };
      sockets.push(
        new ReconnectingSocket({ ...handlers, url: () => String(url), refused: resolve }),
      );
    });
    assert.equal(why.code, "unauthorized");
    assert.match(why.message, /** @type {RegExp} */ (message));
  });
}
