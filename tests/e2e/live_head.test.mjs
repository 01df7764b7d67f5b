/** HEAD of what a stream can be had as: nothing is made for it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { container } from "./lib/media.mjs";
import { BarePublisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { sleep, until } from "./lib/wait.mjs";

/** @type {Server} */ let server;
before(async () => (server = await Server.start({ flags: ["--codec-idle", "1s"] })));
after(() => server.stop());

/** @param {string} path */
const head = (path) => fetch(`${server.origin}/live/${path}`, { method: "HEAD" });

/** What is made now of streams, HLS too. */
async function made() {
  const text = await (await fetch(`${server.origin}/metrics`)).text();
  return [...text.matchAll(/^framewire_(?:derived|hls)_streams (\d+)/gm)].map((m) => Number(m[1]));
}

const TYPES = {
  ".mp4": "video/mp4",
  ".ts": "video/mp2t",
  ".flv": "video/x-flv",
  ".h264": "video/mp4",
  ".jpg": "image/jpeg",
  "/index.m3u8": "application/vnd.apple.mpegurl",
  "/media.m3u8": "application/vnd.apple.mpegurl",
};

test("a HEAD is answered, and starts no encoder", async () => {
  const publisher = await BarePublisher.open(server, "cam");
  await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks);
  for (const [what, type] of Object.entries(TYPES)) {
    const response = await head(`cam${what}`);
    assert.equal(response.status, 200, what);
    assert.equal(response.headers.get("content-type"), type, what);
    assert.equal(response.headers.get("content-length"), null, what);
  }
  await sleep(1_500); // metrics are a second old at most
  assert.deepEqual(await made(), [0, 0]);
  // What the relay cuts itself, or is made already, is told as ever.
  for (const what of ["cam", "cam.webm"])
    assert.match((await head(what)).headers.get("content-type") ?? "", /^video\/webm.*vp8/, what);
  const watched = new AbortController();
  const body = await fetch(`${server.origin}/live/cam.mp4`, { signal: watched.signal });
  await until(
    async () => /avc1/.test((await head("cam.mp4")).headers.get("content-type") ?? ""),
    "the rendition is told of",
  );
  assert.equal(body.status, 200);
  watched.abort();
  await publisher.end();
});

test("who is not there is not found, or waited for", async () => {
  for (const what of [".mp4", ".jpg", "/index.m3u8", ".webm"])
    assert.equal((await head(`nobody${what}`)).status, 404, what);
  const early = head("early.mp4?wait=20");
  await sleep(300);
  const publisher = await BarePublisher.open(server, "early");
  await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks);
  assert.equal((await early).status, 200);
  await publisher.end();
});
