/** A browser without Media Source Extensions that plays HLS by itself (an iPhone before iOS 17.1). */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import "./globals.js";
import { NativeHlsPlayer, needsNativeHls } from "../../player-web/sdk/native_hls.js";
import { play } from "../../player-web/sdk/play.js";

const URL_OF_CAM = "https://host.example/watch/cam?token=k";

class FakeVideo extends EventTarget {
  src = "";
  muted = false;
  currentTime = 0;
  playbackRate = 1;
  videoWidth = 0;
  videoHeight = 0;
  error = null;
  plays = 0;
  seekable = { length: 1, end: () => 42 };
  constructor(hls = "maybe") {
    super();
    this.canPlayType = () => hls;
  }
  play() {
    this.plays += 1;
    return Promise.resolve();
  }
  load() {}
  removeAttribute() {
    this.src = "";
  }
}

const realFetch = globalThis.fetch;
/** @type {any[]} */ let players = [];
afterEach(async () => {
  globalThis.fetch = realFetch;
  for (const player of players) player.stop();
  players = [];
});

/** @param {{status: number, body?: any}[]} answers the last one again and again */
function start(answers, video = new FakeVideo()) {
  /** @type {string[]} */ const asked = [];
  globalThis.fetch = /** @type {any} */ (
    async (/** @type {URL} */ url) => {
      asked.push(String(url));
      const { status, body } = /** @type {any} */ (
        answers.length > 1 ? answers.shift() : answers[0]
      );
      return { ok: status === 200, status, json: async () => body };
    }
  );
  const player = play(/** @type {any} */ (video), URL_OF_CAM);
  players.push(player);
  /** @type {string[]} */ const states = [];
  player.on("state", (state) => states.push(state));
  return { player, video, asked, states };
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

test("it is given the playlist, with its key, once the server has one", async () => {
  const { player, video, asked, states } = start([{ status: 200 }]);
  assert.ok(player instanceof NativeHlsPlayer);
  await settle();
  assert.deepEqual(asked, ["https://host.example/live/cam/index.m3u8?token=k&wait=20"]);
  assert.equal(video.src, "https://host.example/live/cam/index.m3u8?token=k");
  assert.equal(video.plays, 1);
  video.dispatchEvent(new Event("playing"));
  assert.deepEqual(states, ["connecting", "live"]);
  player.toLive();
  assert.equal(video.currentTime, 42);
  video.dispatchEvent(new Event("waiting"));
  assert.equal(player.state, "stalled");
  assert.equal(player.stats.stalls, 1);
});

test("it waits for a stream that is not there", async () => {
  const { player, video, asked, states } = start([
    { status: 404 },
    { status: 404 },
    { status: 200 },
  ]);
  while (video.plays === 0) await settle();
  assert.equal(asked.length, 3);
  assert.deepEqual(states.slice(-1), ["waiting"]);
  assert.equal(player.reason, "no-publisher");
});

for (const [status, code] of [
  [401, "unauthorized"],
  [415, "unsupported-format"],
])
  test(`${status} is the end, with its reason`, async () => {
    const body = { error: { code, message: "why" } };
    const { player, video } = start([{ status: Number(status), body }]);
    const why = await player.closed;
    assert.equal(why?.code, code);
    assert.equal(player.state, "error");
    assert.equal(video.src, "");
  });

test("stop() leaves nothing behind", async () => {
  const { player, video, states } = start([{ status: 200 }]);
  await settle();
  assert.equal(await player.stop(), null);
  assert.equal(video.src, "");
  video.dispatchEvent(new Event("error"));
  assert.deepEqual(states, ["connecting", "stopped"]);
});

test("only a browser without Media Source Extensions, and with HLS, is given it", () => {
  const needs = (/** @type {string} */ hls) =>
    needsNativeHls(/** @type {any} */ (new FakeVideo(hls)));
  assert.ok(needs("maybe"));
  assert.ok(!needs(""));
  for (const name of ["MediaSource", "ManagedMediaSource"]) {
    Object.assign(globalThis, { [name]: class {} });
    assert.ok(!needs("maybe"), name);
    Reflect.deleteProperty(globalThis, name);
  }
});
