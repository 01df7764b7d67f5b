import assert from "node:assert/strict";
import { test } from "node:test";
import { isStreamName, locate } from "../../player-web/sdk/urls.js";

const base = "https://host:8443/watch/other?token=page";
const sdk = "https://media.example/sdk/urls.js";

/** From a page of the SDK's own server, paths are the page's. */
const ownSdk = "https://host:8443/sdk/urls.js";

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
    const place = locate(given, { base, sdk: /^\//.test(given) ? ownSdk : sdk });
    assert.equal(place.stream, stream);
    assert.equal(place.liveSocket(".webm"), socket);
  });
}

// given, SDK, server, the socket: from a page at https://host:8443/watch/other
const elsewhere = /** @type {[string, string, string | undefined, string][]} */ ([
  ["/watch/cam", sdk, undefined, "wss://media.example/live/cam"],
  ["/watch/cam?token=k", sdk, undefined, "wss://media.example/live/cam?token=k"],
  ["watch/cam", sdk, undefined, "wss://media.example/live/cam"],
  ["/watch/cam", "http://m.example/video/sdk/urls.js", undefined, "ws://m.example/video/live/cam"],
  [
    "/video/watch/cam",
    "http://m.example/video/sdk/urls.js",
    undefined,
    "ws://m.example/video/live/cam",
  ],
  ["/watch/cam", "file:///app/sdk/urls.js", undefined, "wss://host:8443/live/cam"],
  ["cam", sdk, "http://other:1", "ws://other:1/live/cam"],
  ["/publish/a/b", ownSdk, "https://other/tv", "wss://other/tv/live/a/b"],
  ["/tv/watch/cam", ownSdk, "https://other/tv/", "wss://other/tv/live/cam"],
  ["cam", sdk, "wss://other/?x=1#y", "wss://other/live/cam"],
  ["https://third/watch/cam", sdk, "https://other", "wss://third/live/cam"],
]);
for (const [given, own, server, socket] of elsewhere) {
  test(`${given}, with an SDK of ${own} and the server ${server}, is ${socket}`, () => {
    assert.equal(locate(given, { base, sdk: own, server }).liveSocket(""), socket);
  });
}

for (const server of ["", "host", "ftp://host", 5, null]) {
  test(`${JSON.stringify(server)} is no server`, () => {
    const wrong = /** @type {any} */ ({ base, sdk, server });
    assert.throws(() => locate("cam", wrong), { code: "bad-option", message: /server is .*URL/ });
  });
}

for (const nothing of [undefined, null, "", 7, {}, new Date(0)]) {
  test(`${String(nothing)} is no stream's name`, () => {
    assert.throws(() => locate(/** @type {any} */ (nothing), { base, sdk }), { code: "bad-url" });
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
