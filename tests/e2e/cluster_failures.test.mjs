/** What viewers at other nodes see when a home, an edge or a link of a cluster is lost. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Cluster } from "./lib/cluster.mjs";
import { container } from "./lib/media.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

const film = container("chromium-vp8-opus-camera.webm");
const SHORT = ["--cluster-lease", "2s"];

/** @param {any} node @param {string} stream @param {object} [hello] */
async function publishSome(node, stream, hello = {}) {
  const publisher = await V1Publisher.open(node, stream, { format: "webm", ...hello });
  if (publisher.ready) await publisher.sendAll(film.chunks.slice(0, 5));
  return publisher;
}

describe("the home is killed", () => {
  test("its publisher goes on at another node, and the same viewers see it", async () => {
    await Cluster.with(
      3,
      async ({ nodes: [home, edge, third] }) => {
        const viewer = await V1Viewer.open(edge, "goes-on");
        const publisher = await publishSome(home, "goes-on");
        await until(() => viewer.parts.length > 0, "the edge to have it");
        process.kill(home.pid, "SIGKILL");
        await home.ended();
        await until(
          () => viewer.said.some((m) => m.type === "waiting" && m.reason === "publisher-lost"),
          "the viewer to be told",
        );
        const before = viewer.parts.length;
        const again = await publishSome(third, "goes-on", { replaces: publisher.token });
        assert.ok(again.ready, "the token takes the name along, before the lease is over");
        await until(() => viewer.parts.length > before, "the viewer to see the new home's");
        assert.ok(viewer.said.filter((m) => m.type === "stream").length > 1);
        assert.equal(viewer.ws.closedWith, null, "on the same socket");
      },
      SHORT,
    );
  });

  test("nobody comes back: its viewers elsewhere are told of the end", async () => {
    await Cluster.with(
      2,
      async ({ nodes: [home, edge] }) => {
        const viewer = await V1Viewer.open(edge, "orphan");
        await publishSome(home, "orphan");
        await until(() => viewer.parts.length > 0, "the edge to have it");
        process.kill(home.pid, "SIGKILL");
        await home.ended();
        const end = await viewer.untilSaid("end", 1, 30_000);
        assert.equal(end.reason, "publisher-lost");
        const next = await publishSome(edge, "orphan");
        assert.ok(next.ready);
        const before = viewer.parts.length;
        await until(() => viewer.parts.length > before, "the same viewer to see the next one");
      },
      SHORT,
    );
  });
});

test("an edge is killed: the home and other viewers notice nothing", async () => {
  await Cluster.with(2, async ({ nodes: [home, edge] }) => {
    const here = await V1Viewer.open(home, "cam");
    const there = await V1Viewer.open(edge, "cam");
    const publisher = await publishSome(home, "cam");
    await until(() => there.parts.length > 0, "the edge to have it");
    await until(async () => (await home.describe("cam")).viewers === 2, "two to be counted");
    process.kill(edge.pid, "SIGKILL");
    await edge.ended();
    await until(async () => (await home.describe("cam")).viewers === 1, "one to be left");
    const before = here.parts.length;
    await publisher.sendAll(film.chunks.slice(5, 10));
    await until(() => here.parts.length > before, "the home's viewer to go on");
    assert.equal(here.said.filter((m) => m.type === "skipped").length, 0);
  });
});

test("a home that is stopped for a while goes on where it was", async () => {
  await Cluster.with(2, async ({ nodes: [home, edge] }) => {
    const viewer = await V1Viewer.open(edge, "sleeps");
    const publisher = await publishSome(home, "sleeps");
    await until(() => viewer.parts.length > 0, "the edge to have it");
    process.kill(home.pid, "SIGSTOP");
    const sent = publisher.sendAll(film.chunks.slice(5, 20));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    process.kill(home.pid, "SIGCONT");
    await sent;
    await publisher.end();
    assert.equal((await viewer.untilSaid("end", 1, 30_000)).reason, "ended");
    viewer.checkOrder();
    assert.equal(viewer.said.filter((m) => m.type === "skipped").length, 0);
  });
});

test("NATS is killed: links go on, and viewers elsewhere get all of it", async () => {
  await Cluster.with(2, async (cluster) => {
    const [home, edge] = cluster.nodes;
    const viewer = await V1Viewer.open(edge, "goes-on");
    const publisher = await publishSome(home, "goes-on");
    await until(() => viewer.parts.length > 0, "the edge to have it");
    await cluster.nats.die();
    await publisher.sendAll(film.chunks.slice(5, 20));
    const late = await V1Viewer.open(edge, "goes-on");
    await until(() => late.parts.length > 0, "one more viewer there");
    await publisher.end();
    assert.equal((await viewer.untilSaid("end")).reason, "ended");
    await late.untilSaid("end");
  });
});

test("NATS is killed and comes back: nobody is taken for dead", async () => {
  await Cluster.with(
    2,
    async (cluster) => {
      const [home, edge] = cluster.nodes;
      const viewer = await V1Viewer.open(edge, "stays");
      const publisher = await publishSome(home, "stays");
      await until(() => viewer.parts.length > 0, "the edge to have it");
      await cluster.nats.die();
      await cluster.nats.run();
      // Longer than a lease: whoever was not heard of would be gone by then.
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      assert.equal(viewer.said.filter((m) => m.type === "end").length, 0);
      assert.doesNotMatch(edge.stderr, /is gone/);
      const before = viewer.parts.length;
      await publisher.sendAll(film.chunks.slice(5, 10));
      await until(() => viewer.parts.length > before, "the link to go on");
    },
    SHORT,
  );
});

test("a publisher moves to the node of its viewers: the link gives way", async () => {
  await Cluster.with(2, async ({ nodes: [home, edge] }) => {
    const viewer = await V1Viewer.open(edge, "moves");
    const far = await V1Viewer.open(home, "moves");
    const publisher = await publishSome(home, "moves");
    await until(() => viewer.parts.length > 0, "the edge to have it");
    const again = await publishSome(edge, "moves", { replaces: publisher.token });
    assert.ok(again.ready);
    await publisher.ws.closed();
    assert.equal(publisher.error?.code, "stream-taken");
    const [near, there] = [viewer.parts.length, far.parts.length];
    await again.sendAll(film.chunks.slice(5, 10));
    await until(() => viewer.parts.length > near, "its viewers to go on there");
    await until(() => far.parts.length > there, "and those where it was", { ms: 30_000 });
    assert.equal((await home.describe("moves")).node, edge.origin);
  });
});

test("a node that ends in order gives its names back at once", async () => {
  await Cluster.with(2, async ({ nodes: [leaving, other] }) => {
    await publishSome(leaving, "cam");
    await until(async () => (await other.describe("cam"))?.state === "live", "it to be known");
    await leaving.stop();
    const next = await publishSome(other, "cam");
    assert.ok(next.ready, "no lease is waited for");
  });
});
