import assert from "node:assert/strict";
import { test } from "node:test";
import { isStreamName, locate } from "../../player-web/sdk/urls.js";

const base = "https://host:8443/watch/other?token=page";
const sdk = "https://media.example/sdk/urls.js";

const rows = /** @type {[string, string, string][]} */ ([
  ["/watch/cam", "cam", "wss://host:8443/live/cam.webm"],
  ["/publish/a/b-1/c_2/D", "a/b-1/c_2/D", "wss://host:8443/live/a/b-1/c_2/D.webm"],
  ["http://x/live/cam.webm", "cam", "ws://x/live/cam.webm"],
  ["ws://x/live/cam", "cam", "ws://x/live/cam.webm"],
  ["https://x/under/prefix/embed/cam", "cam", "wss://x/under/prefix/live/cam.webm"],
  ["https://x/watch/cam?token=k%26&other=1#f", "cam", "wss://x/live/cam.webm?token=k%26"],
  ["cam", "cam", "wss://media.example/live/cam.webm"],
  ["team/cam", "team/cam", "wss://media.example/live/team/cam.webm"],
]);

for (const [given, stream, socket] of rows) {
  test(`${given} is ${stream}`, () => {
    const place = locate(given, { base, sdk });
    assert.equal(place.stream, stream);
    assert.equal(place.liveSocket(".webm"), socket);
  });
}

for (const nowhere of ["blob:https://host/1-2", "about:blank", "about:srcdoc"]) {
  test(`in a page that is at ${nowhere}, a path is the SDK's server's`, () => {
    const place = locate("/publish/cam", { base: nowhere, sdk });
    assert.equal(place.publishSocket(), "wss://media.example/publish/cam");
  });
}

test("a given token wins, and is not in the link that one shares", () => {
  const place = locate("http://x/publish/cam?token=old", { token: "new key" });
  assert.equal(place.publishSocket(), "ws://x/publish/cam?token=new%20key");
  assert.equal(place.liveSocket(""), "ws://x/live/cam?token=new%20key");
  assert.equal(place.watchUrl(), "http://x/watch/cam");
});

for (const given of [
  "/",
  "/watch/",
  "/watch/a/b/c/d/e",
  "/watch/a%20b",
  "https://x/other/cam",
  "http://[",
]) {
  test(`${given} names no stream`, () => {
    assert.throws(() => locate(given, { base, sdk }), { code: "bad-url" });
  });
}

test("names", () => {
  assert.ok(isStreamName(`${"x".repeat(64)}/b/c/d`));
  for (const name of ["", "x".repeat(65), "a//b", "/a", "a/", "a b", "ä", "a/b/c/d/e"]) {
    assert.equal(isStreamName(name), false, name);
  }
});
