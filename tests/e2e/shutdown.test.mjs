/** SIGTERM: viewers and publishers are told 1012, bodies end, the process exits 0, at once if nobody is there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveSource } from "./lib/live_source.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { connectSocket } from "./lib/raw_ws.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer, HttpViewer, V1Viewer } from "./lib/viewer.mjs";

for (const signal of /** @type {NodeJS.Signals[]} */ (["SIGTERM", "SIGINT"])) {
  test(`${signal} with nobody there`, async () => {
    const server = await Server.start();
    server.child.kill(signal);
    assert.deepEqual(await server.ended(), { code: 0, signal: null });
  });
}

test("SIGTERM drains: everybody is told 1012", { timeout: 40_000 }, async () => {
  const server = await Server.start();
  const source = await LiveSource.start(server, "drain", { bytes: 3000 });
  const [bare, v1] = [await BareViewer.open(server, "drain"), await V1Viewer.open(server, "drain")];
  const waiting = await BareViewer.open(server, "drain/nobody");
  const http = new HttpViewer(server, "drain?wait=10");
  await http.answered();
  await v1.untilSaid("stream");
  server.child.kill("SIGTERM");
  const closed = await Promise.all([
    bare.ended(),
    v1.ws.closed(),
    waiting.ended(),
    source.publisher.ws.closed(),
  ]);
  assert.deepEqual(
    closed.map((c) => c.code),
    [1012, 1012, 1012, 1012],
  );
  await http.ended();
  assert.deepEqual(await server.ended(), { code: 0, signal: null });
  await source.stop().catch(() => {});
});

test("SIGTERM with peers that never answer exits 0 all the same", { timeout: 40_000 }, async () => {
  const server = await Server.start({ flags: ["--drain-timeout", "1s"] });
  const source = await LiveSource.start(server, "deaf", { bytes: 30_000 });
  const deaf = await V1Viewer.open(server, "deaf");
  await deaf.untilSaid("stream");
  deaf.ws.socket.pause();
  const half = connectSocket(server);
  half.on("error", () => {}).write("GET /live/x HTTP/1.1\r\nHost");
  await source.untilFrames(source.frames + 60);
  server.child.kill("SIGTERM");
  assert.deepEqual(await server.ended(20_000), { code: 0, signal: null });
  deaf.ws.cut();
  half.destroy();
  await source.stop().catch(() => {});
});

test("a new connection while draining is refused or told 1012, never left hanging", {
  timeout: 40_000,
}, async () => {
  const server = await Server.start({ flags: ["--drain-timeout", "2s"] });
  const publisher = await V1Publisher.open(server, "x", {});
  publisher.ws.socket.pause();
  server.child.kill("SIGTERM");
  const answer = await BareViewer.open(server, "x").then(
    (v) => v.ended().then((c) => c.code),
    () => "refused",
  );
  assert.ok(["refused", 1012, 1006].includes(answer), String(answer));
  assert.deepEqual(await server.ended(), { code: 0, signal: null });
  publisher.ws.cut();
});

test("a second signal ends it at once", { timeout: 40_000 }, async () => {
  const server = await Server.start({ flags: ["--drain-timeout", "5m"] });
  const deaf = await BareViewer.open(server, "x");
  deaf.ws.options.answerPings = false;
  deaf.ws.socket.pause();
  server.child.kill("SIGTERM");
  setTimeout(() => server.child.kill("SIGTERM"), 300);
  const exit = await server.ended();
  assert.ok(exit.code === 130 || exit.code === 0, JSON.stringify(exit));
  deaf.ws.cut();
});
