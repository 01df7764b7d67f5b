/**
 * Who joins late starts with the init segment and the newest group's start, and what follows is a
 * valid stream from its first byte; `.webm` is one with a keyframe at the head of every Cluster.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { decodeErrors } from "./lib/decode.mjs";
import {
  container,
  mp4Fixtures,
  sha256,
  webcodecsFixtures,
  webmFixtures,
  wholeFile,
} from "./lib/media.mjs";
import { BarePublisher, V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer, HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";
import { clustersWithoutKeyframe, layoutOf, VIDEO, videoBlocks } from "./lib/webm.mjs";

/** @type {Server} */ let server;
let count = 0;
const freshName = () => `late/s${++count}`;

before(async () => (server = await Server.start()));
after(() => server.stop());

/** Chunk boundaries: a fixture that came as one chunk is cut as a page with a timeslice would. @param {import('./lib/media.mjs').Fixture} fixture */
function messagesOf(fixture) {
  if (fixture.chunks.length > 4) return fixture.chunks;
  const whole = wholeFile(fixture);
  return Array.from({ length: 40 }, (_, i) =>
    whole.subarray((i * whole.length) / 40, ((i + 1) * whole.length) / 40),
  );
}

/**
 * Publishes up to `fraction` of the messages, lets viewers join, and publishes the rest.
 * @template T
 * @param {import('./lib/media.mjs').Fixture} fixture @param {number} fraction
 * @param {(name: string) => Promise<T>} join @returns {Promise<T>}
 */
async function publishAround(fixture, fraction, join) {
  const name = freshName();
  const publisher = await V1Publisher.open(server, name, {});
  const messages = messagesOf(fixture);
  const cut = Math.max(1, Math.floor(messages.length * fraction));
  await publisher.sendAll(messages.slice(0, cut));
  await publisher.untilAcked();
  const joined = await join(name);
  await publisher.sendAll(messages.slice(cut));
  await publisher.end();
  return joined;
}

/** Three kinds of viewer, all known to the server. @param {string} path */
async function joinAll(path) {
  const name = path.replace(/\.webm$/, "");
  const http = new HttpViewer(server, `${path}?wait=20`);
  const [bare, v1] = await Promise.all([
    BareViewer.open(server, path),
    V1Viewer.open(server, path),
  ]);
  await until(
    async () => (await server.describe(name))?.viewers >= 3,
    "three viewers to be counted",
  );
  return { bare, v1, http };
}

/** @param {Awaited<ReturnType<typeof joinAll>>} joined @returns {Promise<Buffer>} what all three got alike */
async function sameBytes({ bare, v1, http }) {
  await v1.untilSaid("end");
  await Promise.all([bare.ended(), http.ended()]);
  assert.equal(
    sha256(http.bytes),
    sha256(bare.bytes),
    `HTTP ${http.bytes.length}, bare ${bare.bytes.length} bytes`,
  );
  assert.equal(
    sha256(v1.bytes),
    sha256(bare.bytes),
    `v1 ${v1.bytes.length}, bare ${bare.bytes.length} bytes`,
  );
  v1.checkOrder();
  return bare.bytes;
}

/** @param {V1Viewer} viewer @param {boolean} hasInit */
function checkJoin(viewer, hasInit) {
  const [stream] = viewer.said.filter((m) => m.type === "stream");
  const [first] = viewer.parts;
  if (hasInit) assert.equal(first.kind, 1, "the first part is the init segment");
  const media = viewer.media;
  assert.ok(media[0].groupStart, "the first media part starts a group");
  for (const part of media) {
    assert.equal(
      part.leadIn,
      part.sequence < stream.live,
      `part ${part.sequence} of a stream live at ${stream.live}`,
    );
  }
}

for (const fraction of [0.3, 0.9]) {
  describe(`joined after ${fraction * 100} % of the messages: /live/x decodes`, () => {
    for (const fixture of [...webmFixtures(), ...mp4Fixtures()]) {
      test(fixture.name, async () => {
        const joined = await publishAround(fixture, fraction, joinAll);
        const bytes = await sameBytes(joined);
        checkJoin(joined.v1, true);
        assert.equal(await decodeErrors(bytes), "");
      });
    }
  });
}

describe("/live/x.webm", () => {
  for (const fixture of webmFixtures()) {
    test(`joined late: ${fixture.name}`, async () => {
      const joined = await publishAround(fixture, 0.6, (name) => joinAll(`${name}.webm`));
      const bytes = await sameBytes(joined);
      checkJoin(joined.v1, true);
      assert.deepEqual(
        clustersWithoutKeyframe(layoutOf(bytes)),
        [],
        "Clusters that do not start with a keyframe",
      );
      assert.equal(await decodeErrors(bytes), "");
    });
    test(`from the start has every block, unchanged: ${fixture.name}`, async () => {
      const name = freshName();
      const viewer = await BareViewer.open(server, `${name}.webm`);
      const publisher = await BarePublisher.open(server, name);
      await publisher.sendAll(messagesOf(fixture));
      await publisher.end();
      await viewer.ended();
      const [got, sent] = [layoutOf(viewer.bytes), layoutOf(wholeFile(fixture))];
      // What comes before the first keyframe has no Cluster to be in.
      const from = sent.blocks.findIndex((block) => block.type === VIDEO && block.key);
      sent.blocks.splice(0, Math.max(from, 0));
      const facts = (/** @type {import('./lib/webm.mjs').Layout} */ l) =>
        l.blocks.map((b) => `${b.track} ${b.timeMs} ${b.key} ${b.size}`);
      assert.deepEqual(facts(got), facts(sent));
      const keys = videoBlocks(got).filter((block) => block.key).length;
      if (videoBlocks(got).length)
        assert.ok(
          got.clusters.length <= keys + 1,
          `${got.clusters.length} Clusters for ${keys} keyframes`,
        );
      assert.deepEqual(clustersWithoutKeyframe(got), []);
      assert.equal(await decodeErrors(viewer.bytes), "");
    });
  }
});

test("the joiner starts at the newest keyframe, not at an older one", async () => {
  const fixture = container("chromium-vp8-canvas-opaque.webm");
  const joined = await publishAround(fixture, 0.9, joinAll);
  const first = videoBlocks(layoutOf(await sameBytes(joined)))[0];
  assert.ok(first.key);
  assert.ok(
    first.timeMs >= 5000,
    `the first picture is of ${first.timeMs} ms; keyframes lie at 4073 and 5074`,
  );
});

describe("a joiner of opaque messages gets the newest one first", () => {
  for (const fixture of webcodecsFixtures().slice(0, 2)) {
    test(fixture.name, async () => {
      const { v1, bare } = await publishAround(fixture, 0.5, joinAll);
      await v1.untilSaid("end");
      await bare.ended();
      const newest = Math.max(1, Math.floor(fixture.chunks.length * 0.5)) - 1;
      assert.deepEqual(bare.messages.map(sha256), fixture.chunks.slice(newest).map(sha256));
      assert.ok(v1.parts.every((part) => part.groupStart));
    });
  }
});

test("many joiners at random moments all get a valid stream", async () => {
  const fixture = container("firefox-vp8-opus-camera.webm");
  /** @type {BareViewer[]} */ const viewers = [];
  const name = freshName();
  const publisher = await BarePublisher.open(server, name);
  for (const [index, chunk] of fixture.chunks.entries()) {
    await publisher.send(chunk);
    if (index % 8 === 0)
      viewers.push(await BareViewer.open(server, index % 16 ? name : `${name}.webm`));
  }
  await publisher.end();
  await Promise.all(viewers.map((viewer) => viewer.ended()));
  for (const viewer of viewers) assert.equal(await decodeErrors(viewer.bytes), "");
});
