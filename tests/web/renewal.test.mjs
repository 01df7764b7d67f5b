/** Tokens that end, and are renewed on the same socket: a server that is played by hand. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import "./globals.js";
import { ReconnectingSocket } from "../../player-web/sdk/reconnecting_socket.js";

class FakeSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 3;
  /** @type {FakeSocket[]} */
  static all = [];
  /** What the server does with each that opens. @type {(socket: FakeSocket) => void} */
  static greet = () => {};
  readyState = 0;
  /** @type {any[]} */ sent = [];
  /** @type {any} */ onopen = null;
  /** @type {any} */ onmessage = null;
  /** @type {any} */ onclose = null;
  /** @param {string} url */
  constructor(url) {
    this.url = url;
    FakeSocket.all.push(this);
    setTimeout(() => {
      if (this.readyState === 3) return;
      this.readyState = 1;
      this.onopen?.();
      FakeSocket.greet(this);
    }, 1);
  }
  get token() {
    return new URL(this.url).searchParams.get("token");
  }
  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  /** @param {object} message */
  say(message) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  expire(code = "token-expired") {
    this.say({ type: "error", code, message: "the token has expired", offset: 0 });
    this.readyState = 3;
    this.onclose?.({ code: 1008, reason: code });
  }
  close() {
    this.readyState = 3;
    queueMicrotask(() => this.onclose?.({ code: 1000, reason: "" }));
  }
}

const own = /** @type {any} */ (globalThis);
const real = { WebSocket: own.WebSocket, warn: console.warn };
/** @type {ReconnectingSocket[]} */ const sockets = [];
beforeEach(() => {
  FakeSocket.all = [];
  FakeSocket.greet = () => {};
  own.WebSocket = FakeSocket;
  console.warn = () => {};
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.stop();
  own.WebSocket = real.WebSocket;
  console.warn = real.warn;
});

/** @param {() => string | Promise<string>} refreshToken @param {string} [query] */
function open(refreshToken, query = "?token=first") {
  const news = { losses: 0, refused: /** @type {any} */ (null) };
  const socket = new ReconnectingSocket({
    url: () => `wss://host.example/live/cam${query}`,
    refreshToken,
    opened: () => {},
    text: () => {},
    lost: () => {
      news.losses += 1;
    },
    refused: (why) => {
      news.refused = why;
    },
  });
  sockets.push(socket);
  return news;
}

/** @template T @param {() => T} holds @returns {Promise<NonNullable<T>>} */
async function until(holds) {
  for (;;) {
    const found = holds();
    if (found) return /** @type {NonNullable<T>} */ (found);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

test("before it ends another one goes out on the same socket, again and again", async () => {
  let asked = 0;
  FakeSocket.greet = (socket) => socket.say({ type: "token", valid_ms: 30 });
  const news = open(async () => `new-${++asked}`);
  const socket = await until(() => FakeSocket.all[0]);
  for (let n = 1; n <= 3; n += 1) {
    await until(() => socket.sent.length === n);
    assert.deepEqual(socket.sent[n - 1], { type: "token", token: `new-${n}` });
    socket.say({ type: "token", valid_ms: 30 });
  }
  assert.equal(FakeSocket.all.length, 1);
  assert.deepEqual([news.losses, news.refused], [0, null]);
});

test("without a token the page is asked first; a lost connection takes the newest one", async () => {
  let asked = 0;
  const news = open(() => `new-${++asked}`, "");
  const socket = await until(() => FakeSocket.all.find((one) => one.readyState === 1));
  assert.equal(socket.token, "new-1");
  socket.readyState = 3;
  socket.onclose({ code: 1006, reason: "" });
  await until(() => FakeSocket.all.length === 2);
  assert.equal(FakeSocket.all[1].token, "new-1");
  assert.equal(asked, 1);
  assert.equal(news.losses, 1);
});

for (const code of ["token-expired", "key-removed"])
  test(`one that has ended all the same (${code}) is replaced, and the connection with it`, async () => {
    FakeSocket.greet = (socket) => {
      if (socket.token === "first") socket.expire(code);
      else socket.say({ type: "waiting", reason: "no-publisher" });
    };
    const news = open(async () => "second");
    await until(() => FakeSocket.all.find((one) => one.token === "second" && one.readyState === 1));
    assert.equal(news.refused, null);
  });

test("a page that gives expired ones is not asked for ever", async () => {
  let asked = 0;
  FakeSocket.greet = (socket) => socket.expire();
  const news = open(async () => `old-${++asked}`);
  const why = await until(() => news.refused);
  assert.equal(why.code, "token-expired");
  assert.equal(asked, 1);
});

for (const [name, refresh] of /** @type {[string, () => any][]} */ ([
  ["rejects", () => Promise.reject(new Error("not signed in"))],
  ["throws", () => assert.fail("not signed in")],
  ["gives nothing", () => undefined],
])) {
  test(`a page that ${name} before the first connection is told so`, async () => {
    const news = open(refresh, "");
    const why = await until(() => news.refused);
    assert.equal(why.code, "unauthorized");
    assert.match(why.message, /refreshToken/);
    assert.equal(FakeSocket.all.length, 0);
  });
}

test("while one is good, a page that fails ends nothing", async () => {
  let asked = 0;
  FakeSocket.greet = (socket) => socket.say({ type: "token", valid_ms: 20 });
  const news = open(() => {
    asked += 1;
    throw new Error("away");
  });
  await until(() => asked === 1);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual([news.losses, news.refused, FakeSocket.all.length], [0, null, 1]);
});

test("without refreshToken an end is the end", async () => {
  FakeSocket.greet = (socket) => socket.expire();
  const news = open(/** @type {any} */ (undefined));
  const why = await until(() => news.refused);
  assert.equal(why.code, "token-expired");
  assert.equal(FakeSocket.all.length, 1);
});
