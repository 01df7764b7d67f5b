/** The control API: options, restreams, and what is no such request; each answer by its schema. */
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, describe, test } from "node:test";
import { Api } from "./lib/api_schema.mjs";
import { run } from "./lib/decode.mjs";
import { container } from "./lib/media.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

const MEDIA = container("chromium-vp8-opus-camera.webm");
const KEYS = ["--publish-key", "boss", "--watch-key", "eye"];
const BOSS = { Authorization: "Bearer boss" };
const EYE = { headers: { Authorization: "Bearer eye" } };

/** @type {Server} */ let server;
/** @type {Api} */ let api;
before(async () => {
  const flags = ["--loops", "3", "--chat-history", "3", "--linger", "1s"];
  server = await Server.start({ flags });
  api = await Api.of(server);
});
after(() => server.stop());

/** @param {string} stream */
async function publish(stream, hello = {}) {
  const publisher = await V1Publisher.open(server, stream, hello);
  await publisher.sendAll(MEDIA.chunks);
  await publisher.untilAcked();
  return publisher;
}

describe("options while it runs", () => {
  test("what a reload may change is changed, held, and checked", async () => {
    await Server.with({ flags: ["--max-viewers", "2"] }, async (other) => {
      const its = await Api.of(other);
      const before = (await its.ask("GET", "/api/v1/config")).json;
      assert.equal(before["max-viewers"], "2");
      assert.equal(before["log-level"], "info");
      for (const secret of ["publish-key", "watch-key", "record-dir", "listen", "open"])
        assert.ok(!(secret in before), secret);
      const publisher = await V1Publisher.open(other, "a", {});
      const first = await V1Viewer.open(other, "a");
      const after = await its.ask("PATCH", "/api/v1/config", {
        "max-viewers": 1,
        "log-level": "debug",
      });
      assert.deepEqual([after.json["max-viewers"], after.json["log-level"]], ["1", "debug"]);
      const second = await V1Viewer.open(other, "a");
      assert.equal((await second.untilSaid("error")).code, "overloaded");
      await until(() => /debug|DEBUG/.test(other.stderr), "the log to say more");
      for (const [change, pattern] of /** @type {[any, RegExp][]} */ ([
        [{ "max-viewers": "many" }, /max-viewers: /],
        [{ "max-viewers": 0 }, /is not from 1/],
        [{ "max-viewer": 3 }, /there is no option "max-viewer".*max-viewers/],
        [{ "publish-key": "x" }, /no option that can be changed here/],
        [{ "max-viewers": 9, "ring-size": "64KiB", "max-element": "1MiB" }, /does not fit/],
        [{ "max-viewers": null }, /"max-viewers" is null/],
        [{}, /says nothing/],
      ])) {
        const refused = await its.ask("PATCH", "/api/v1/config", change);
        assert.equal(refused.status, 400, JSON.stringify(change));
        assert.match(refused.json.error.message, pattern);
      }
      assert.equal(
        (await its.ask("GET", "/api/v1/config")).json["max-viewers"],
        "1",
        "all or nothing",
      );
      other.child.kill("SIGHUP");
      await until(
        async () => (await its.ask("GET", "/api/v1/config")).json["max-viewers"] === "2",
        "a reload to restore what the operator said",
        { every: 50 },
      );
      first.ws.cut();
      await publisher.end();
    });
  });

  test("restreams begin and end, and no answer has their key", async () => {
    const publisher = await publish("onward");
    const url = "rtmp://127.0.0.1:9/app/s3cret-key";
    const { json } = await api.ask("POST", "/api/v1/restreams", { streams: "onward", url });
    assert.deepEqual([json.streams, json.to, json.output], ["onward", "rtmp://127.0.0.1:9", "flv"]);
    const listed = await until(
      async () => {
        const { json: all } = await api.ask("GET", "/api/v1/restreams");
        assert.ok(!JSON.stringify(all).includes("s3cret"));
        return all.restreams[0]?.states[0]?.error && all.restreams;
      },
      "its failure to be told",
      { every: 100 },
    );
    assert.deepEqual([listed[0].id, listed[0].states[0].stream], [json.id, "onward"]);
    assert.equal((await api.ask("DELETE", `/api/v1/restreams/${json.id}`)).status, 204);
    const query = "types=restream&stream=onward&last_event_id=0";
    await until(
      async () => {
        const told = await run("curl", [
          "-sN",
          ...["--max-time", "0.3", `${server.origin}/api/v1/events?${query}`],
        ]);
        const states = [...String(told.stdout).matchAll(/"state":"(\w+)"/g)].map(
          ([, state]) => state,
        );
        assert.ok(!String(told.stdout).includes("s3cret"));
        return ["connecting", "waiting", "ended"].every((state) => states.includes(state));
      },
      "the events of a restream",
      { ms: 30_000 },
    );
    assert.equal((await api.ask("DELETE", `/api/v1/restreams/${json.id}`)).status, 404);
    assert.deepEqual((await api.ask("GET", "/api/v1/restreams")).json.restreams, []);
    for (const body of [
      { streams: "a b", url },
      { streams: "a", url: "ftp://x/y" },
    ])
      assert.equal((await api.ask("POST", "/api/v1/restreams", body)).status, 400);
    assert.ok(!server.output.includes("s3cret"));
    await publisher.end();
  });
});

test("what HEAD may not ask for is 405 without a body", async () => {
  const socket = net.connect(server.port, "127.0.0.1");
  let answer = "";
  socket.on("data", (piece) => (answer += piece));
  const ended = new Promise((resolve) => socket.on("close", resolve));
  socket.write("HEAD /api/v1/restreams/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  await ended;
  assert.match(answer, /^HTTP\/1\.1 405 /);
  assert.match(answer, /\r\nAllow: DELETE\r\n/);
  assert.ok(answer.endsWith("\r\n\r\n"), answer);
});

test("to record takes one member, said once", async () => {
  const path = "/api/v1/streams/none/record";
  for (const [body, pattern] of /** @type {[any, RegExp][]} */ ([
    [{ record: true, for_ms: 5 }, /"for_ms"/],
    ['{"record":true,"record":false}', /"record" is said twice/],
    [{ record: 1 }, /"record" is an integer/],
    [{}, /"record" is missing/],
    ["[true]", /body/],
    ["{", /no JSON/],
  ])) {
    const { status, json } = await api.ask("POST", path, body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.match(json.error.message, pattern);
  }
  assert.equal((await api.ask("POST", path, { record: true })).status, 404);
});

describe("what is no such request", () => {
  const LONG = "x".repeat(70_000);
  /** @type {[string, string, unknown, number, string, RegExp][]} */
  const cases = [
    [
      "PATCH",
      "/api/v1/streams/a",
      { title: "x", colour: 1 },
      400,
      "bad-request",
      /no member "colour" here: title/,
    ],
    [
      "PATCH",
      "/api/v1/streams/a",
      { title: 7 },
      400,
      "bad-request",
      /"title" is an integer, not a string/,
    ],
    ["PATCH", "/api/v1/streams/a", {}, 400, "bad-request", /"title" is missing/],
    ["PATCH", "/api/v1/streams/a", [], 400, "bad-request", /is an array, not an object/],
    ["PATCH", "/api/v1/streams/a", "{", 400, "bad-request", /no JSON/],
    [
      "PATCH",
      "/api/v1/streams/a",
      '{"title":"a","title":"b"}',
      400,
      "bad-request",
      /"title" is said twice/,
    ],
    [
      "PATCH",
      "/api/v1/streams/a",
      `{"title":${"[".repeat(40)}`,
      400,
      "bad-request",
      /nested too deep/,
    ],
    [
      "PATCH",
      "/api/v1/streams/a",
      { title: "y".repeat(1025) },
      400,
      "bad-request",
      /1025 bytes, at most 1024/,
    ],
    ["PATCH", "/api/v1/streams/a", { title: LONG }, 413, "limit-exceeded", /more than 65536 bytes/],
    ["PATCH", "/api/v1/streams/a", { title: "x" }, 404, "not-found", /no stream a/],
    ["DELETE", "/api/v1/streams/a", undefined, 404, "not-found", /no stream a/],
    ["PATCH", "/api/v1/chat/a", { slow_ms: -1 }, 400, "bad-request", /"slow_ms" is less than 0/],
    [
      "PATCH",
      "/api/v1/chat/a",
      { slow_ms: 1.5 },
      400,
      "bad-request",
      /is a number, not an integer/,
    ],
    ["PATCH", "/api/v1/chat/a", { mute: "x" }, 400, "bad-request", /is a string, not an array/],
    [
      "PATCH",
      "/api/v1/chat/a",
      { mute: [""] },
      400,
      "bad-request",
      /an item of "mute" is too short/,
    ],
    [
      "PATCH",
      "/api/v1/chat/a",
      { mute: Array(101).fill("1") },
      400,
      "bad-request",
      /101 items, at most 100/,
    ],
    ["PATCH", "/api/v1/chat/a", { slow_ms: 1 }, 404, "not-found", /no stream a/],
    ["GET", "/api/v1/chat/a", undefined, 404, "not-found", /no stream a/],
    ["GET", "/api/v1/sessions?limit=0", undefined, 400, "bad-request", /"limit" is from 1 to 1000/],
    ["GET", "/api/v1/sessions?limit=x", undefined, 400, "bad-request", /"limit"/],
    ["GET", "/api/v1/sessions?cursor=7", undefined, 400, "bad-request", /"cursor"/],
    ["GET", "/api/v1/sessions?role=king", undefined, 400, "bad-request", /"role"/],
    ["GET", "/api/v1/sessions?stream=..", undefined, 400, "bad-request", /"stream"/],
    ["GET", "/api/v1/sessions/0-0", undefined, 404, "not-found", /no session 0-0/],
    ["GET", "/api/v1/sessions/x", undefined, 404, "not-found", /there is no/],
    ["GET", "/api/v1/sessions/01-1", undefined, 404, "not-found", /there is no/],
    ["PUT", "/api/v1/sessions", "x", 405, "method-not-allowed", /./],
    ["POST", "/api/v1/config", "{}", 405, "method-not-allowed", /./],
    ["PATCH", "/api/v1/sessions/0-1", "{}", 405, "method-not-allowed", /only GET, HEAD, DELETE/],
    ["DELETE", "/api/v1/restreams/12345", undefined, 404, "not-found", /no restream 12345/],
    ["GET", "/api/v1/restreams/1", undefined, 405, "method-not-allowed", /./],
  ];
  for (const [method, path, body, status, code, pattern] of cases)
    test(`${method} ${path} ${JSON.stringify(body)?.slice(0, 40) ?? ""}: ${status}`, async () => {
      const answer = await api.ask(method, path, body);
      assert.equal(answer.status, status, JSON.stringify(answer.json));
      assert.equal(answer.json.error.code, code);
      assert.match(answer.json.error.message, pattern);
      if (status === 405) assert.ok(answer.headers.get("Allow"));
    });

  test("who has no key, or one that may not, gets 401 from each operation that needs one", async () => {
    await Server.with({ flags: KEYS }, async (other) => {
      const its = await Api.of(other);
      const asked = [];
      for (const [path, methods] of Object.entries(its.document.paths))
        for (const [method, operation] of Object.entries(/** @type {any} */ (methods))) {
          if (!operation.security) continue;
          const at = path
            .replace("{stream}", "a")
            .replace(
              "{id}",
              path.includes("sessions")
                ? "0-1"
                : /restreams|bans|render/.test(path)
                  ? "1"
                  : "a/1.mp4",
            );
          const body = ["post", "patch"].includes(method) ? "{}" : undefined;
          asked.push(`${method} ${at}`);
          const without = await other.fetch(at, { method: method.toUpperCase(), body });
          assert.equal(without.status, 401, `${method} ${at}`);
          if (!/manage|moderate|record`/.test(operation.description)) continue;
          const watching = await other.fetch(at, { method: method.toUpperCase(), body, ...EYE });
          assert.equal(watching.status, 401, `${method} ${at} by who may watch`);
        }
      assert.ok(asked.length > 15);
      const boss = await Api.of(other, BOSS);
      assert.equal((await boss.ask("GET", "/api/v1/sessions")).status, 200);
    });
  });

  test("more at a time than --max-control are refused, and the others answered", async () => {
    await Server.with({ flags: ["--max-control", "1", "--loops", "4"] }, async (other) => {
      const answers = await Promise.all(
        Array.from({ length: 64 }, () =>
          other.fetch("/api/v1/sessions").then(({ status }) => status),
        ),
      );
      assert.ok(answers.includes(200));
      assert.deepEqual(
        [...new Set(answers)].filter((status) => status !== 200 && status !== 503),
        [],
      );
      assert.equal(
        (await other.fetch("/api/v1/sessions")).status,
        200,
        "and then there is room again",
      );
    });
  });
});

test("each operation of the document has a name of its own", () => {
  const all = Object.values(api.document.paths).flatMap((methods) =>
    Object.values(/** @type {any} */ (methods)).map(({ operationId }) => operationId),
  );
  assert.equal(new Set(all).size, all.length);
  assert.ok(all.length >= 20);
});
