/** A publisher whose connection is lost comes back: viewers keep their sockets, nothing is lost or doubled. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { decodeErrors } from "./lib/decode.mjs";
import { container, sha256, wholeFile } from "./lib/media.mjs";
import { BarePublisher, publishOptions, V1Publisher } from "./lib/publisher.mjs";
import { RawWs } from "./lib/raw_ws.mjs";
import { Server } from "./lib/server.mjs";
import { buildMessage } from "./lib/v1.mjs";
import { BareViewer, HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { sleep } from "./lib/wait.mjs";

/** @type {Server} */ let server;
let count = 0;
const freshName = () => `resume/s${++count}`;
before(async () => (server = await Server.start()));
after(() => server.stop());

/** @param {string} name */
async function viewersOf(name) {
  const http = new HttpViewer(server, `${name}?wait=30`);
  return { bare: await BareViewer.open(server, name), v1: await V1Viewer.open(server, name), http };
}

/** @param {Awaited<ReturnType<typeof viewersOf>>} v @param {Buffer} published */
async function checkExact({ bare, v1, http }, published) {
  await v1.untilSaid("end");
  assert.equal((await bare.ended()).code, 1000);
  await http.ended();
  for (const viewer of [bare, v1, http]) assert.equal(sha256(viewer.bytes), sha256(published));
  assert.equal(v1.said.filter((m) => m.type === "stream").length, 1, "one epoch, over the cut");
  v1.checkOrder();
}

const cutAt = [0.25, 0.5, 0.75];

describe("cut for 3 s in the middle, nothing acknowledged lost, nothing doubled", () => {
  for (const name of [
    "chromium-vp8-opus-camera.webm",
    "chromium-avc1-opus-camera-kf1000.mp4",
    "firefox-vp8-opus-camera.webm",
  ]) {
    test(name, { timeout: 60_000 }, async () => {
      const fixture = container(name);
      const stream = freshName();
      const viewers = await viewersOf(stream);
      const publisher = await V1Publisher.open(server, stream, { format: fixture.format });
      const middle = fixture.chunks.length >> 1;
      await publisher.sendAll(fixture.chunks.slice(0, middle));
      publisher.ws.cut();
      await sleep(3000);
      assert.equal(viewers.bare.ws.closedWith, null, "the bare viewer keeps its socket");
      assert.equal(viewers.v1.ws.closedWith, null, "the v1 viewer keeps its socket");
      const ready = await publisher.resume();
      assert.equal(ready.resumed, true);
      assert.ok(ready.sequence > publisher.acked - 1, `next is ${ready.sequence}`);
      await publisher.sendAll(fixture.chunks.slice(middle));
      await publisher.end();
      await checkExact(viewers, wholeFile(fixture));
      assert.equal(await decodeErrors(viewers.bare.bytes), "");
    });
  }
});

test("cut again and again, in the middle of messages too", { timeout: 60_000 }, async () => {
  const fixture = container("chromium-vp8-canvas-alpha-opus.webm");
  const stream = freshName();
  const viewers = await viewersOf(stream);
  const publisher = await V1Publisher.open(server, stream, {});
  let from = 0;
  for (const fraction of [...cutAt, 1]) {
    const to = Math.floor(fixture.chunks.length * fraction);
    await publisher.sendAll(fixture.chunks.slice(from, to));
    from = to;
    if (fraction === 1) break;
    // half a ws frame, then nothing
    await publisher.ws.write(
      Buffer.concat([Buffer.from([0x82, 0xfe, 0x10, 0x00, 1, 2, 3, 4]), Buffer.alloc(100)]),
    );
    publisher.ws.cut();
    assert.equal((await publisher.resume()).resumed, true);
  }
  await publisher.end();
  await checkExact(viewers, wholeFile(fixture));
});

test("a resume while the old connection still stands takes its place", async () => {
  const fixture = container("chromium-vp8-opus-camera.webm");
  const stream = freshName();
  const viewers = await viewersOf(stream);
  const publisher = await V1Publisher.open(server, stream, {});
  await publisher.sendAll(fixture.chunks.slice(0, 20));
  const old = publisher.ws; // not cut: as after a change of network, where no FIN ever comes
  assert.equal((await publisher.resume()).resumed, true);
  await old.closed();
  await publisher.sendAll(fixture.chunks.slice(20));
  await publisher.end();
  await checkExact(viewers, wholeFile(fixture));
});

test("a number the server has already is dropped and acknowledged again", async () => {
  const fixture = container("chromium-vp8-opus-camera.webm");
  const stream = freshName();
  const viewers = await viewersOf(stream);
  const publisher = await V1Publisher.open(server, stream, {});
  await publisher.sendAll(fixture.chunks.slice(0, 10));
  await publisher.untilAcked();
  const before = publisher.said.length;
  await publisher.ws.sendBinary(buildMessage(3, fixture.chunks[3]));
  await publisher.untilSaid("ack");
  await publisher.sendAll(fixture.chunks.slice(10));
  await publisher.untilAcked();
  assert.ok(publisher.said.length > before);
  await publisher.end();
  await checkExact(viewers, wholeFile(fixture));
});

test("a number that leaves a gap is refused with 1002", async () => {
  const publisher = await V1Publisher.open(server, freshName(), {});
  await publisher.ws.sendBinary(buildMessage(1, Buffer.from("x")));
  assert.equal((await publisher.ws.closed()).code, 1002);
  assert.equal(publisher.error?.code, "protocol");
});

test("an unknown token is told so, and the socket stays for a publish", async () => {
  const publisher = await V1Publisher.open(server, freshName(), null);
  await publisher.ws.sendText({ type: "resume", token: "no-such-token" });
  assert.equal((await publisher.untilSaid("error")).code, "resume-unknown");
  publisher.error = null;
  await publisher.ws.sendText({ type: "publish" });
  const ready = await publisher.untilSaid("ready");
  assert.equal(ready.resumed, false);
  assert.equal(ready.sequence, 0);
  await publisher.end();
});

test("another stream's token is no good here", async () => {
  const first = await V1Publisher.open(server, freshName(), {});
  const second = await V1Publisher.open(server, freshName(), null);
  await second.ws.sendText({ type: "resume", token: first.token });
  assert.equal((await second.untilSaid("error")).code, "resume-unknown");
  await Promise.all([first.end(), second.ws.close()]);
});

test("a second publisher is refused, the first goes on", async () => {
  const fixture = container("chromium-vp8-opus-camera.webm");
  const stream = freshName();
  const viewers = await viewersOf(stream);
  const publisher = await V1Publisher.open(server, stream, {});
  await publisher.sendAll(fixture.chunks.slice(0, 10));
  const answer = await RawWs.request(publishOptions(server, stream, {}));
  if (answer.head.status === 101) assert.deepEqual((await answer.closed()).code, 1008);
  else assert.equal(answer.head.status, 409);
  const posted = await server.fetch(`/publish/${stream}`, { method: "POST", body: "x" });
  assert.equal(posted.status, 409);
  assert.equal((await posted.json()).error.code, "stream-taken");
  await publisher.sendAll(fixture.chunks.slice(10));
  await publisher.end();
  await checkExact(viewers, wholeFile(fixture));
});

test("after a bare publisher was lost, the next one starts an epoch for the same viewers", async () => {
  const fixture = container("chromium-vp8-canvas-opaque.webm");
  const stream = freshName();
  const viewer = await V1Viewer.open(server, stream);
  const lost = await BarePublisher.open(server, stream);
  await lost.sendAll(fixture.chunks.slice(0, 20));
  await viewer.untilSaid("stream");
  lost.ws.cut();
  await viewer.untilSaid("waiting", 2);
  assert.equal(viewer.said.filter((m) => m.type === "waiting")[1].reason, "publisher-lost");
  const next = await BarePublisher.open(server, stream);
  await next.sendAll(fixture.chunks);
  await next.end();
  await viewer.untilSaid("end");
  const epochs = viewer.said.filter((m) => m.type === "stream").map((m) => m.epoch);
  assert.deepEqual(epochs, [1, 2]);
  const second = Buffer.concat(
    viewer.parts.filter((part) => part.epoch === 2).map((part) => part.payload),
  );
  assert.equal(sha256(second), sha256(wholeFile(fixture)));
  const sequences = viewer.parts.map((part) => part.sequence);
  assert.deepEqual(
    sequences,
    [...sequences].sort((a, b) => a - b),
    "numbers never go back",
  );
});

test("with --takeover the second publisher replaces the first", async () => {
  await Server.with({ flags: ["--takeover"] }, async (own) => {
    const first = await V1Publisher.open(own, "mine", {});
    const second = await V1Publisher.open(own, "mine", {});
    const closed = await first.ws.closed();
    assert.equal(closed.code, 1008);
    assert.match(closed.reason, /taken-over/);
    await second.end();
  });
});

test("who does not come back within --linger ends the stream", async () => {
  await Server.with({ flags: ["--linger", "500ms"] }, async (own) => {
    const viewer = await V1Viewer.open(own, "gone");
    const bare = await BareViewer.open(own, "gone");
    const publisher = await V1Publisher.open(own, "gone", {});
    await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks.slice(0, 10));
    await publisher.untilAcked();
    publisher.ws.cut();
    assert.equal((await viewer.untilSaid("end")).reason, "publisher-lost");
    await bare.ended();
    const ready = await publisher.resume();
    assert.equal(ready.refused?.code, "resume-unknown");
  });
});
