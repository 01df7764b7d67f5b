/** What a moderator asks of the server, and in what words it is refused. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import "./globals.js";
import { Moderator, moderate } from "../../player-web/sdk/moderator.js";
import { SideChannel } from "../../player-web/sdk/side_channel.js";
import { locate } from "../../player-web/sdk/urls.js";

const URL_OF = "https://host:8443/tv/watch/room/1?token=page";
const real = globalThis.fetch;
/** @type {{method: string, url: string, key: string | null, body: any}[]} */
let asked = [];
/** @type {{status: number, body?: any}[]} the last one again and again */
let answers = [];
beforeEach(() => {
  asked = [];
  answers = [{ status: 204 }];
  globalThis.fetch = async (url, { method, headers, body } = {}) => {
    const key = new Headers(headers).get("Authorization");
    asked.push({
      method: String(method),
      url: String(url),
      key,
      body: body && JSON.parse(`${body}`),
    });
    const { status, body: said } =
      answers.length > 1 ? /** @type {any} */ (answers.shift()) : answers[0];
    return new Response(said === undefined ? null : JSON.stringify(said), { status });
  };
});
afterEach(() => {
  globalThis.fetch = real;
});

const CHAT = { stream: "room/1", slow_ms: 5_000, muted: ["0-1"], history: [] };
const AT = "https://host:8443/tv/api/v1";

/** call, answer, method, path, body @type {[string, (of: Moderator) => Promise<any>, any, string, string, any][]} */
const calls = [
  ["chat", (of) => of.chat(), CHAT, "GET", "chat/room/1", undefined],
  ["clear", (of) => of.clear(), undefined, "DELETE", "chat/room/1", undefined],
  ["slowMode", (of) => of.slowMode(5_000.4), CHAT, "PATCH", "chat/room/1", { slow_ms: 5_000 }],
  ["mute", (of) => of.mute("0-1"), CHAT, "PATCH", "chat/room/1", { mute: ["0-1"] }],
  ["unmute", (of) => of.mute("0-1", false), CHAT, "PATCH", "chat/room/1", { unmute: ["0-1"] }],
  ["setTitle", (of) => of.setTitle("T"), {}, "PATCH", "streams/room/1", { title: "T" }],
  ["endStream", (of) => of.endStream(), undefined, "DELETE", "streams/room/1", undefined],
  ["unban", (of) => of.unban(7), undefined, "DELETE", "bans/7", undefined],
];
for (const [name, call, answer, method, path, body] of calls) {
  test(`${name}() is ${method} ${path}, with the key in a header`, async () => {
    answers = [{ status: answer === undefined ? 204 : 200, body: answer }];
    const got = await call(moderate(URL_OF));
    assert.deepEqual(asked, [{ method, url: `${AT}/${path}`, key: "Bearer page", body }]);
    if (answer === CHAT) assert.deepEqual(got, { slowMs: 5_000, muted: ["0-1"], history: [] });
    else assert.equal(got, undefined);
  });
}

const session = (/** @type {string} */ id, /** @type {string | null} */ sender, more = {}) => ({
  ...{ id, role: "viewer", sender, identity: "a watch key", personal: false },
  ...{ address: "192.0.2.1", transport: "framewire.v1", user_agent: "x", since_ms: 5 },
  ...{ delay_ms: null, ...more },
});

test("who a sender is stands in the list, on whatever page of it", async () => {
  answers = [
    { status: 200, body: { sessions: [session("0-1", null)], next: "0-1" } },
    { status: 200, body: { sessions: [session("2-9", "2-4")], next: null } },
    { status: 204 },
  ];
  await moderate(URL_OF).kick("2-4");
  assert.deepEqual(
    asked.map(({ method, url }) => `${method} ${url.slice(AT.length)}`),
    [
      "GET /sessions?stream=room%2F1&limit=1000",
      "GET /sessions?stream=room%2F1&limit=1000&cursor=0-1",
      "DELETE /sessions/2-9",
    ],
  );
});

/** what, session, options, what is banned @type {[string, any, any, any][]} */
const bans = [
  ["a key that many have: the address", {}, {}, { address: "192.0.2.1" }],
  ["a name of its own", { identity: "anna", personal: true }, {}, { identity: "anna" }],
  ["its own, by address", { personal: true }, { by: "address" }, { address: "192.0.2.1" }],
  ["whoever has the key", {}, { by: "identity" }, { identity: "a watch key" }],
];
for (const [what, more, options, who] of bans) {
  test(`ban() meets ${what}`, async () => {
    const ban = { id: 3, ...who, until_ms: null, reason: "spam", configured: false };
    const page = { sessions: [session("0-1", "0-4", more)], next: null };
    answers = [
      { status: 200, body: page },
      { status: 200, body: ban },
    ];
    const made = await moderate(URL_OF).ban("0-4", { reason: "spam", ...options });
    assert.deepEqual(asked[1].body, { ...who, reason: "spam" });
    assert.deepEqual(made, { id: 3, ...who, untilMs: null, reason: "spam" });
  });
}

test("a ban for a while ends at a time", async () => {
  answers = [
    { status: 200, body: { sessions: [session("0-1", "0-4")], next: null } },
    { status: 200, body: { id: 1, address: "192.0.2.1", until_ms: 9, reason: "" } },
  ];
  const before = Date.now();
  await moderate(URL_OF).ban("0-4", { forMs: 60_000 });
  const { until_ms: until } = asked[1].body;
  assert.ok(until >= before + 60_000 && until <= Date.now() + 60_000);
});

/** answer, code, message @type {[string, {status: number, body?: any}, string, RegExp][]} */
const refused = [
  [
    "no right",
    { status: 401, body: { error: { code: "unauthorized", message: "gives no right" } } },
    "unauthorized",
    /gives no right/,
  ],
  [
    "nobody live",
    { status: 404, body: { error: { code: "not-found", message: "no" } } },
    "not-found",
    /no/,
  ],
  ["a proxy's page", { status: 502 }, "unreachable", /502/],
];
for (const [what, answer, code, message] of refused) {
  test(`refused by name: ${what}`, async () => {
    answers = [answer];
    await assert.rejects(moderate(URL_OF).clear(), { name: "FramewireError", code, message });
  });
}

test("a server that is not there is unreachable, a sender that has left is gone", async () => {
  answers = [{ status: 200, body: { sessions: [], next: null } }];
  await assert.rejects(moderate(URL_OF).kick("0-1"), { code: "sender-gone" });
  globalThis.fetch = async () => {
    throw new TypeError("Failed to fetch");
  };
  await assert.rejects(moderate(URL_OF).clear(), { code: "unreachable", message: /host:8443/ });
});

test("refreshToken is asked for the first token, and when that has ended, once", async () => {
  let count = 0;
  const refreshToken = async () => `t${++count}`;
  const ended = { status: 401, body: { error: { code: "token-expired", message: "ended" } } };
  const of = moderate("https://host/watch/a", { refreshToken });
  answers = [ended, { status: 204 }];
  await of.clear();
  assert.deepEqual(
    asked.map(({ key }) => key),
    ["Bearer t1", "Bearer t2"],
  );
  answers = [ended];
  await assert.rejects(of.clear(), { code: "token-expired" });
  assert.equal(count, 3);
  const none = moderate("https://host/watch/a", { refreshToken: async () => "" });
  await assert.rejects(none.clear(), { code: "unauthorized", message: /refreshToken/ });
});

test("without a key none is sent; a wrong option is named", async () => {
  await new Moderator(locate("https://host/watch/a"), { token: () => "" }).clear();
  assert.equal(asked[0].key, null);
  const wrong = /** @type {any} */ ({ refreshToken: "no" });
  assert.throws(() => moderate("https://host/watch/a", wrong), { code: "bad-option" });
  assert.throws(() => moderate("https://host/elsewhere"), { code: "bad-url" });
});

test("what a key is good for comes by the side channel, and may end", () => {
  const side = new SideChannel("", () => true);
  /** @type {any[]} */ const events = [];
  const nothing = { moderate: false, manage: false, server: false };
  assert.deepEqual(side.rights, nothing);
  for (const told of [{ moderate: true, manage: true, server: false }, { moderate: false }])
    side.hear({ type: "rights", ...told }, (type, detail) => events.push([type, detail]));
  assert.deepEqual(events, [
    ["rights", { moderate: true, manage: true, server: false }],
    ["rights", nothing],
  ]);
  assert.deepEqual(side.rights, nothing);
});
