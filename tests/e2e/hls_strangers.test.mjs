/** What strangers ask of HLS takes nothing from those who watch. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { made, untilDerived } from "./lib/derived.mjs";
import { HttpPublisher } from "./lib/publisher.mjs";
import { requestText } from "./lib/raw_http.mjs";
import { connectSocket } from "./lib/raw_ws.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const KEY = '"'.repeat(512); // the longest there is, and longer in a URI
/** @type {Server} */ let server;
before(async () => {
  server = await Server.start({ flags: ["--loops", "1", "--max-derived", "2"] });
});
after(() => server.stop());

test("those who wait for streams that are not there take the place of none that is", {
  timeout: 90_000,
}, async () => {
  const waiting = Array.from({ length: 20 }, (_, i) => {
    const socket = connectSocket(server);
    socket.on("error", () => {}).resume();
    socket.write(requestText(`/live/none/${i}/index.m3u8?wait=60`));
    return socket;
  });
  const held = () => server.metric("framewire_hls_waiting");
  await until(async () => (await held()) >= 2, "some of them to wait");
  const asked = server.fetch("/live/there/index.m3u8?wait=30");
  const publisher = new HttpPublisher(server, "there");
  const { chunks } = made("avc1-aac.ts");
  await publisher.sendAll(chunks.slice(0, 2));
  await untilDerived(server, "there.h264");
  await publisher.sendAll(chunks.slice(2));
  await publisher.end();
  const answer = await asked;
  assert.equal(answer.status, 200, await answer.text());
  for (const socket of waiting) socket.destroy();
});

describe("a token, which stands in each URI of a playlist", () => {
  test("is 1 KiB at most", async () => {
    for (const [token, status] of /** @type {[string, number][]} */ ([
      ["t".repeat(1000), 404],
      ["t".repeat(1100), 400],
      ["%22".repeat(400), 400],
    ])) {
      const answer = await server.fetch(`/live/nothing/media.m3u8?token=${token}`);
      assert.equal(answer.status, status, await answer.text());
    }
  });
  test("unless it is a key that is needed", async () => {
    await Server.with({ flags: ["--watch-key", KEY] }, async (keyed) => {
      const answer = await keyed.fetch(`/live/nothing/media.m3u8?token=${encodeURIComponent(KEY)}`);
      assert.equal(answer.status, 404, await answer.text());
    });
  });
});
