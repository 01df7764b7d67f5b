/** Webhooks: every event once or more, in order per stream, whatever happens to receiver and server. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import { container } from "./lib/media.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { documentedCheck, Receiver } from "./lib/receiver.mjs";
import { Server } from "./lib/server.mjs";
import { V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

const SECRET = "a secret of some length";
const MEDIA = container("chromium-vp8-opus-camera.webm").chunks;

/** @type {string} */ let dir;
/** @type {Receiver} */ let receiver;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "framewire-hooks-"));
  writeFileSync(join(dir, "secret"), `${SECRET}\n`);
  receiver = await new Receiver().open();
});
/** @param {string[]} [flags] */
const flags = (flags = []) => [
  ...["--webhook", receiver.url, "--webhook-secret-file", join(dir, "secret")],
  ...["--state-dir", join(dir, "state"), "--record-dir", join(dir, "films"), "--linger", "0s"],
  ...flags,
];
async function tidy() {
  await receiver.close();
  rmSync(dir, { recursive: true, force: true });
}

/** @param {Server} server @param {string} stream */
async function publish(server, stream, hello = {}) {
  const publisher = await V1Publisher.open(server, stream, hello);
  await publisher.sendAll(MEDIA);
  await publisher.untilAcked();
  return publisher;
}

test("what happens to a stream is told, signed, in order", async () => {
  const isGenuine = await documentedCheck();
  await Server.with({ flags: flags(["--viewer-events"]) }, async (server) => {
    const publisher = await publish(server, "life", { title: "Life", record: true });
    const viewer = await V1Viewer.open(server, "life");
    await until(() => receiver.typesOf("life").includes("first-viewer"), "the first viewer", {
      ms: 30_000,
    });
    viewer.ws.cut();
    await until(() => receiver.typesOf("life").includes("last-viewer"), "the last viewer", {
      ms: 30_000,
    });
    await publisher.end();
    await until(() => receiver.typesOf("life").includes("record-finish"), "the recording", {
      ms: 30_000,
    });
    const types = receiver.typesOf("life");
    assert.deepEqual(
      types.filter((type) => !["viewer-join", "viewer-leave"].includes(type)),
      ["publish", "record-start", "first-viewer", "last-viewer", "unpublish", "record-finish"],
    );
    for (const type of ["viewer-join", "viewer-leave"]) assert.ok(types.includes(type), type);
    const told = (/** @type {string} */ type) => receiver.events.find((e) => e.type === type);
    assert.equal(told("publish").data.title, "Life");
    assert.equal(told("unpublish").data.reason, "ended");
    assert.equal(told("viewer-leave").data.address, "127.0.0.1");
    const film = await server.fetch(told("record-finish").data.url);
    assert.equal(film.status, 200, "the file's URL");
    await film.arrayBuffer();
    assert.equal(receiver.events[0].type, "server-start");
    for (const { body, headers } of receiver.requests) {
      const header = String(headers["framewire-signature"]);
      assert.ok(isGenuine(body, header, SECRET));
      assert.ok(!isGenuine(`${body} `, header, SECRET), "another body");
      assert.ok(!isGenuine(body, header, `${SECRET}x`), "another secret");
      const old = header.replace(/t=\d+/, `t=${Math.floor(Date.now() / 1000) - 3600}`);
      assert.ok(!isGenuine(body, old, SECRET), "another time");
      assert.equal(headers["framewire-event"], JSON.parse(body).id);
    }
  });
  await tidy();
});

test("a receiver that refuses one stream's event holds up that stream alone, and gets it again", async () => {
  let refusals = 0;
  receiver.judge = ({ type, stream }) =>
    type === "publish" && stream === "stuck" && refusals++ < 3 ? 500 : undefined;
  await Server.with({ flags: flags() }, async (server) => {
    const stuck = await publish(server, "stuck");
    await stuck.end();
    const other = await publish(server, "free");
    await other.end();
    await until(() => receiver.typesOf("stuck").length === 2, "the stuck stream's events", {
      ms: 30_000,
    });
    assert.deepEqual(receiver.typesOf("stuck"), ["publish", "unpublish"]);
    assert.deepEqual(receiver.typesOf("free"), ["publish", "unpublish"]);
    assert.ok(refusals >= 4);
    const taken = receiver.events.map(({ stream }) => stream);
    assert.ok(taken.indexOf("free") < taken.indexOf("stuck"), "the other one did not wait");
  });
  await tidy();
});

test("nothing is lost while the receiver is down and the server killed: once or more, in order", {
  timeout: 120_000,
}, async () => {
  await receiver.close();
  /** @type {Record<string, string[]>} */ const expected = { a: [], b: [] };
  const rounds = 4;
  for (let round = 0; round < rounds; round += 1) {
    // The second round ends in order, the others by SIGKILL.
    const server = await Server.start({ flags: flags() });
    for (const stream of ["a", "b"]) {
      const publisher = await publish(server, stream, { title: `${stream}${round}` });
      await publisher.end();
      expected[stream].push("publish", "unpublish");
      await until(async () => (await server.describe(stream)) === null, "the stream to end");
    }
    await untilKept("b", round);
    if (round === 1) {
      await server.stop();
    } else {
      server.child.kill("SIGKILL");
      await server.ended();
    }
    if (round === 1) {
      // It is there for a moment, and takes some of them.
      receiver.answers = [204, 204, 500, 204];
      await receiver.open();
      const between = await Server.start({ flags: flags() });
      await until(() => receiver.events.length >= 3, "some events", { ms: 30_000 });
      between.child.kill("SIGKILL");
      await between.ended();
      await receiver.close();
    }
  }
  await receiver.open();
  const last = await Server.start({ flags: flags() });
  await until(
    () => ["a", "b"].every((stream) => receiver.typesOf(stream).length >= expected[stream].length),
    "all events",
    { ms: 60_000, every: 50 },
  );
  for (const stream of ["a", "b"]) {
    assert.deepEqual(receiver.typesOf(stream), expected[stream]);
    const seen = new Set();
    const first = receiver.events.filter(
      (e) => e.stream === stream && !seen.has(e.id) && seen.add(e.id),
    );
    const titles = first.filter((e) => e.type === "publish").map((e) => e.data.title);
    assert.deepEqual(
      titles,
      Array.from({ length: rounds }, (_, round) => `${stream}${round}`),
    );
    const ids = first.map((e) => BigInt(e.id));
    assert.ok(
      ids.every((id, i) => i === 0 || id > ids[i - 1]),
      "ids ascend over restarts",
    );
  }
  await last.stop();
  await tidy();
});

/** What happened last is on the disk. @param {string} stream @param {number} round */
function untilKept(stream, round) {
  const file = join(dir, "state", "webhook-queue");
  return until(() => {
    const events = readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("+") && line.endsWith("}"))
      .map((line) => JSON.parse(line.slice(1)))
      .filter((event) => event.stream === stream);
    const begun = events.findIndex(({ data }) => data.title === `${stream}${round}`);
    return begun >= 0 && events.slice(begun).some(({ type }) => type === "unpublish");
  }, "the events to be on the disk");
}

test("a queue that is another server's, a secret that is too short: the start is refused", async () => {
  const server = await Server.start({ flags: flags() });
  for (const [more, pattern] of /** @type {[string[], RegExp][]} */ ([
    [flags(), /is another server's: give each its own --state-dir/],
    [["--webhook", "http://example.com/x", "--webhook-secret-file", "y"], /only https: is fetched/],
    [["--webhook", receiver.url], /go together/],
    [["--webhook", receiver.url, "--webhook-secret-file", join(dir, "none")], /cannot be read/],
  ])) {
    const other = new Server({ flags: more });
    const { code } = await other.ended();
    assert.notEqual(code, 0);
    assert.match(other.output, pattern);
  }
  writeFileSync(join(dir, "short"), "short\n");
  const short = new Server({
    flags: ["--webhook", receiver.url, "--webhook-secret-file", join(dir, "short")],
  });
  await short.ended();
  assert.match(short.output, /a secret has 16 to 4096 bytes/);
  assert.ok(!server.output.includes(SECRET));
  await server.stop();
  await tidy();
});

test("an event that nobody takes is given up in time, and the next ones go on", async () => {
  receiver.judge = ({ type }) => (type === "publish" ? 500 : undefined);
  await Server.with({ flags: flags(["--webhook-give-up", "1s"]) }, async (server) => {
    const publisher = await publish(server, "lost");
    await publisher.end();
    await until(() => receiver.typesOf("lost").includes("unpublish"), "the next event", {
      ms: 30_000,
    });
    assert.deepEqual(receiver.typesOf("lost"), ["unpublish"]);
    await until(
      () => /event \d+ of lost is given up: it was answered with 500/.test(server.output),
      "the log to say so",
    );
  });
  await tidy();
});
