/** The events of the admin page: read however they are cut, by a request whose address has no key. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { EventReader, EventStream } from "../../player-web/pages/event_stream.js";

const TEXT =
  'retry: 2000\n\nid: 7\nevent: publish\ndata: {"a":1}\n\n: still here\n\nid:8\r\nevent:lost\r\ndata:x\r\ndata: y\r\n\r\ndata\n\nid: 9\n\n';
const READ = [
  { type: "publish", data: '{"a":1}', id: "7" },
  { type: "lost", data: "x\ny", id: "8" },
  { type: "message", data: "", id: "8" },
];

for (const size of [1, 2, 3, 7, TEXT.length])
  test(`events in pieces of ${size}`, () => {
    const reader = new EventReader();
    const out = [];
    for (let at = 0; at < TEXT.length; at += size)
      out.push(...reader.feed(TEXT.slice(at, at + size)));
    assert.deepEqual(out, READ);
    assert.equal(reader.lastId, "9");
    assert.equal(reader.retryMs, 2000);
  });

test("an event without end is not waited for", () => {
  const reader = new EventReader();
  assert.throws(() => reader.feed("x".repeat((1 << 20) + 1)), RangeError);
});

const { fetch: realFetch } = globalThis;
/** @type {EventStream | null} */ let stream = null;
afterEach(() => {
  stream?.close();
  globalThis.fetch = realFetch;
});

test("the key is in a header, and a connection that is lost goes on from the last event", async () => {
  /** @type {{url: string, headers: Headers}[]} */ const asked = [];
  const bodies = ["retry: 1\n\nid: 5\nevent: publish\ndata: {}\n\nid: 6\nevent: unpub", "", null];
  globalThis.fetch = /** @type {any} */ (
    async (/** @type {string} */ url, /** @type {any} */ { headers }) => {
      asked.push({ url, headers });
      const body = bodies.shift();
      return body === null || body === undefined
        ? new Response("{}", { status: 401 })
        : new Response(body);
    }
  );
  /** @type {any[]} */ const told = [];
  stream = new EventStream(
    "/api/v1/events",
    () => ({ Authorization: "Bearer boss" }),
    (event) => told.push(event),
    "3",
  );
  while (!stream.closed) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(told, [{ type: "publish", data: "{}", id: "5" }]);
  assert.deepEqual(
    asked.map(({ url, headers }) => [
      url,
      headers.get("Authorization"),
      headers.get("Last-Event-ID"),
    ]),
    ["3", "5", "5"].map((id) => ["/api/v1/events", "Bearer boss", id]),
  );
});
