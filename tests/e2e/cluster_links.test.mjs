/** A stream is watched at nodes that do not have it: what comes there is what was published. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster } from "./lib/cluster.mjs";
import { container, sha256, wholeFile } from "./lib/media.mjs";
import { sendInTime, V1Publisher } from "./lib/publisher.mjs";
import { RawWs } from "./lib/raw_ws.mjs";
import { BareViewer, HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { until, within } from "./lib/wait.mjs";

/** @type {Cluster} */ let cluster;
before(async () => (cluster = await Cluster.start(3)));
after(() => cluster.stop());
let count = 0;
const freshName = () => `linked/s${++count}`;

/** @param {any} fixture @param {string} name */
async function publishFirst(fixture, name) {
  const publisher = await V1Publisher.open(cluster.nodes[0], name, { format: fixture.format });
  await publisher.send(fixture.chunks[0]);
  return publisher;
}

describe("bytes at an edge are those at the home", () => {
  for (const file of [
    "chromium-vp8-opus-camera.webm",
    "chromium-avc1-opus-camera-kf1000.mp4",
    "firefox-vp8-opus-camera.webm",
  ]) {
    test(file, async () => {
      const fixture = container(file);
      const name = freshName();
      const http = cluster.nodes.map((node) => new HttpViewer(node, `${name}?wait=30`));
      const v1 = await Promise.all(cluster.nodes.map((node) => V1Viewer.open(node, name)));
      const bare = await Promise.all(cluster.nodes.map((node) => BareViewer.open(node, name)));
      const publisher = await V1Publisher.open(cluster.nodes[0], name, { format: fixture.format });
      const all = http.length + v1.length + bare.length;
      await until(
        () => publisher.said.some((m) => m.type === "viewers" && m.count === all),
        "all nodes to be linked",
      );
      await publisher.sendAll(fixture.chunks);
      await publisher.end();
      const want = sha256(wholeFile(fixture));
      for (const [at, viewer] of v1.entries()) {
        const ended = await within(viewer.untilSaid("end"), "the end");
        assert.equal(ended.reason, "ended");
        await bare[at].ended();
        await http[at].ended();
        assert.equal(sha256(viewer.bytes), want, `v1 at node ${at}`);
        assert.equal(sha256(bare[at].bytes), want, `bare at node ${at}`);
        assert.equal(sha256(http[at].bytes), want, `http at node ${at}`);
        assert.ok(http[at].complete);
        viewer.checkOrder();
      }
      assert.equal(v1[1].said.filter((m) => m.type === "skipped").length, 0);
    });
  }
});

describe("what is made of a stream is made at the edge", () => {
  test(".webm, .mp4 and HLS", async () => {
    const fixture = container("chromium-vp8-opus-camera.webm");
    const name = freshName();
    const edge = cluster.nodes[1];
    const webm = new HttpViewer(edge, `${name}.webm?wait=30`);
    const publisher = await publishFirst(fixture, name);
    const rest = { chunks: fixture.chunks.slice(1), atMs: fixture.atMs.slice(1) };
    const sent = sendInTime((chunk) => publisher.send(chunk), rest);
    await until(() => webm.bytes.length > 10_000, "the webm rendition at the edge");
    assert.equal(webm.bytes.readUInt32BE(0), 0x1a45dfa3);
    const mp4 = new HttpViewer(edge, `${name}.mp4`);
    await until(() => mp4.bytes.length > 1_000, ".mp4 at the edge", { ms: 30_000 });
    assert.equal(mp4.bytes.toString("latin1", 4, 8), "ftyp");
    const playlist = await edge.fetch(`/live/${name}/index.m3u8`);
    assert.equal(playlist.status, 200);
    assert.match(await playlist.text(), /#EXTM3U/);
    await sent;
    await publisher.end();
  });
});

test("viewers of all nodes are counted, and told", async () => {
  const fixture = container("chromium-vp8-opus-camera.webm");
  const name = freshName();
  const viewers = await Promise.all(
    [0, 1, 1, 2, 2, 2].map((at) => V1Viewer.open(cluster.nodes[at], name)),
  );
  const publisher = await publishFirst(fixture, name);
  await until(
    () => viewers.every((v) => v.said.some((m) => m.type === "viewers" && m.count === 6)),
    "all to be told of six",
  );
  await until(
    () => publisher.said.some((m) => m.type === "viewers" && m.count === 6),
    "the publisher to be told",
  );
  for (const node of cluster.nodes)
    await until(async () => (await node.describe(name))?.viewers === 6, "the API to say six");
  await viewers[5].ws.close();
  await until(
    () => viewers[0].said.some((m) => m.type === "viewers" && m.count === 5),
    "five to be left",
  );
  await publisher.end();
});

test("what is said at any node is heard at all, in the order of who says it", async () => {
  const fixture = container("chromium-vp8-opus-camera.webm");
  const name = freshName();
  const viewers = await Promise.all(cluster.nodes.map((node) => V1Viewer.open(node, name)));
  const publisher = await publishFirst(fixture, name);
  await until(() => viewers.every((viewer) => viewer.parts.length > 0), "all to have it");
  for (let n = 0; n < 5; ++n)
    for (const [at, viewer] of viewers.entries())
      await viewer.ws.sendText({ type: "message", data: { from: at, n } });
  for (const viewer of viewers) {
    await viewer.untilSaid("message", 15);
    const said = viewer.said.filter((m) => m.type === "message");
    for (let at = 0; at < 3; ++at) {
      const of = said.filter((m) => m.data.from === at);
      assert.deepEqual(
        of.map((m) => m.data.n),
        [0, 1, 2, 3, 4],
      );
      const own = viewers[at].said.find((m) => m.type === "sender").sender;
      assert.ok(of.every((m) => m.sender === own));
    }
  }
  const senders = viewers.map((v) => v.said.find((m) => m.type === "sender").sender);
  assert.equal(new Set(senders).size, 3);
  // The publisher mutes a viewer of another node.
  await publisher.ws.sendText({ type: "mute", sender: senders[2] });
  await viewers[2].untilSaid("muted");
  await viewers[2].ws.sendText({ type: "message", data: "no" });
  assert.equal((await viewers[2].untilSaid("warning")).code, "muted");
  await publisher.end();
});

describe("an operator at another node", () => {
  test("names a stream, and ends it", async () => {
    const fixture = container("chromium-vp8-opus-camera.webm");
    const name = freshName();
    const viewer = await V1Viewer.open(cluster.nodes[1], name);
    const publisher = await publishFirst(fixture, name);
    await until(() => viewer.parts.length > 0, "the edge to have it");
    const at = `/api/v1/streams/${name}`;
    const named = await cluster.nodes[2].fetch(at, {
      method: "PATCH",
      body: JSON.stringify({ title: "From afar" }),
    });
    assert.equal(named.status, 200);
    await until(
      () => viewer.said.some((m) => m.type === "title" && m.title === "From afar"),
      "the title at the edge",
    );
    assert.equal((await cluster.nodes[2].fetch(at, { method: "DELETE" })).status, 204);
    await publisher.ws.closed();
    assert.equal(publisher.error?.code, "stream-ended");
    await viewer.untilSaid("end");
  });
});

describe("a link is refused", () => {
  for (const [what, query] of [
    ["without a proof", ""],
    ["with a wrong one", "?node=x&until=4000000000&proof=abcdefghijklmnopqrstuvwxyz"],
  ]) {
    test(what, async () => {
      const ws = await RawWs.open({
        port: cluster.nodes[0].port,
        path: `/link/any${query}`,
        protocol: "framewire.v1",
      });
      const end = await ws.closed();
      assert.equal(end.code, 1008);
      assert.equal(end.reason, "unauthorized");
    });
  }
});

test("a stream that nobody watches any more is fetched no longer", async () => {
  await Cluster.with(
    2,
    async (two) => {
      const fixture = container("chromium-vp8-opus-camera.webm");
      const [home, edge] = two.nodes;
      const publisher = await V1Publisher.open(home, "short", { format: "webm" });
      await publisher.send(fixture.chunks[0]);
      const viewer = await V1Viewer.open(edge, "short");
      await until(() => viewer.parts.length > 0, "the edge to have it");
      await viewer.ws.close();
      await until(() => edge.stderr.includes("stream short: ended"), "the link to end");
      const again = await V1Viewer.open(edge, "short");
      await until(() => again.parts.length > 0, "the edge to have it again");
    },
    ["--cluster-linger", "200ms"],
  );
});
