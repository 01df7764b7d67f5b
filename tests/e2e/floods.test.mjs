/** Who says much, or all at once, is heard in turn with the others: they lose nothing by it. */
// @alone: what a flood costs the streams beside it
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { floods, startFlood } from "./lib/flood.mjs";
import { LiveSource } from "./lib/live_source.mjs";
import { Neighbour } from "./lib/neighbour.mjs";
import { BarePublisher } from "./lib/publisher.mjs";
import { RawHttp, requestText } from "./lib/raw_http.mjs";
import { withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";
import { encodeFrame, Opcode } from "./lib/ws_frame.mjs";

describe("60 that flood beside a good stream", () => {
  for (const kind of Object.keys(floods)) {
    test(kind, { timeout: 120_000 }, async () => {
      // Media that waits for more than a twelfth of max-lag for its turn would be left out.
      const flags = ["--loops", "1", "--max-lag", "20s"];
      flags.push("--tcp-chat", "good/neighbour=127.0.0.1:0");
      await Server.with({ flags }, async (server) => {
        const neighbour = await Neighbour.start(server);
        const flood = await startFlood(server, kind, 60);
        try {
          await neighbour.source.untilFrames(neighbour.source.frames + 150);
          await neighbour.finish();
          assert.equal(await server.metric('framewire_skips_total{reason="overload"}'), 0);
        } finally {
          await flood.stop();
        }
      });
    });
  }
});

test("a viewer is read 20 texts for each that --text-rate lets it say, and none is lost", {
  timeout: 120_000,
}, async () => {
  const rate = 200;
  const flags = ["--text-rate", String(rate / 20)];
  const count = 2000;
  await Server.with({ flags }, async (server) => {
    const source = await LiveSource.start(server, "spoken", { messagesPerSecond: 30, bytes: 200 });
    const viewer = await V1Viewer.open(server, "spoken");
    const texts = async () => {
      const of = ["passed-on", "limited"].map((result) =>
        server.metric(`framewire_side_texts_total{result="${result}"}`),
      );
      return (await Promise.all(of)).reduce((sum, n) => sum + n, 0);
    };
    assert.equal(await texts(), 0);
    const message = encodeFrame(Opcode.text, JSON.stringify({ type: "message", data: 1 }));
    const began = Date.now();
    viewer.ws.write(Buffer.alloc(count * message.length, message));
    await source.untilFrames(source.frames + 30);
    const read = await texts();
    const seconds = (Date.now() - began) / 1000;
    assert.ok(read > 0 && read <= rate * (seconds + 2), `${read} texts in ${seconds} s`);
    await until(async () => (await texts()) === count, "the rest", { ms: 60_000 });
    assert.equal((await viewer.ws.close()).code, 1000);
    await source.stop();
  });
});

/** What so many who ask at once cost, in times of what ten do who ask one after the other.
 * @param {Server} server @param {string} path @param {(body: any) => number} lengthOf @param {number} length */
async function costOfAll(server, path, lengthOf, length) {
  const askers = 300;
  const listed = async () => lengthOf(await (await server.fetch(path)).json());
  await until(async () => (await listed()) === length, "the whole list");
  const before = server.cpuSeconds;
  for (let i = 0; i < 10; i++) assert.equal(await listed(), length);
  const alone = server.cpuSeconds;
  const clients = Array.from({ length: askers }, () => new RawHttp(server));
  await Promise.all(clients.map(({ socket }) => once(socket, "connect")));
  server.child.kill("SIGSTOP"); // so that they come together
  for (const client of clients) client.write(requestText(path));
  server.child.kill("SIGCONT");
  for (const client of clients) {
    const [answer] = await client.until(1);
    assert.equal(lengthOf(JSON.parse(answer.body.toString())), length);
  }
  for (const client of clients) client.socket.destroy();
  return (server.cpuSeconds - alone) / Math.max(alone - before, 0.01);
}

describe("lists are made once for all who ask at once", () => {
  const most = 8;

  test("of streams", { timeout: 180_000 }, async () => {
    await Server.with({ flags: ["--loops", "1"] }, async (server) => {
      const streams = 150;
      for (let i = 0; i < streams; i++)
        await (await BarePublisher.open(server, `many/${i}`)).send(Buffer.from("something"));
      const ratio = await costOfAll(server, "/api/v1/streams", (b) => b.streams.length, streams);
      assert.ok(ratio < most, `300 answers cost ${ratio} times what 10 did`);
    });
  });

  test("of recordings, by the thread that writes them", { timeout: 180_000 }, async () => {
    await withFolder(async (dir) => {
      const files = 300;
      for (let i = 0; i < files; i++) writeFileSync(join(dir, `film-${i}.webm`), "a film");
      const flags = ["--loops", "1", "--record-dir", dir];
      await Server.with({ flags }, async (server) => {
        const of = (/** @type {any} */ body) => body.recordings.length;
        const ratio = await costOfAll(server, "/api/v1/recordings", of, files);
        assert.ok(ratio < most, `300 answers cost ${ratio} times what 10 did`);
      });
    });
  });
});
