/** Behind nginx, Caddy, HAProxy and Apache, with the recipes of docs/deploy.md: publish, watch, both ways at length. */
import assert from "node:assert/strict";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { run } from "./lib/decode.mjs";
import { clusterHeader, simpleBlock, webmHeader } from "./lib/live_source.mjs";
import { container, wholeFile } from "./lib/media.mjs";
import { FrontProxy, isInstalled, PROXIES } from "./lib/proxy.mjs";
import { RawWs } from "./lib/raw_ws.mjs";
import { probe, track } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";

const LARGE = 100_000_000;

/** @type {string} */ let folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "framewire-proxies-"));
  const file = createWriteStream(join(folder, "large.webm"));
  file.write(webmHeader());
  file.write(clusterHeader(0));
  for (let n = 0, bytes = 0; bytes < LARGE; n += 1, bytes += 100_000) {
    if (n > 0 && n % 30 === 0) file.write(clusterHeader(n * 33));
    if (!file.write(simpleBlock(n, (n % 30) * 33, n % 30 === 0, 100_000)))
      await new Promise((resolve) => file.once("drain", () => resolve(null)));
  }
  await new Promise((resolve) => file.end(() => resolve(null)));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** @param {string[]} args */
const curl = (...args) => run("curl", ["-sk", "--max-time", "60", ...args]);

for (const name of PROXIES) {
  describe(`behind ${name}`, {
    skip: isInstalled(name) ? false : `${name} is not installed`,
  }, () => {
    /** @type {Server} */ let server;
    /** @type {FrontProxy} */ let proxy;
    before(async () => {
      server = await Server.start({
        flags: ["--publish-key", "key", "--codec-idle", "1s"],
      });
      proxy = await FrontProxy.start(name, server.port);
    });
    after(async () => {
      await proxy?.stop();
      await server.stop();
    });
    /** A page of the proxy's own site. @param {string} path @param {object} [more] */
    const open = (path, more) =>
      RawWs.open({
        port: proxy.port,
        host: "localhost",
        tls: true,
        path,
        origin: proxy.origin,
        ...more,
      });

    test("published and watched by WebSocket, every byte", async () => {
      const source = container("chromium-vp8-opus-camera.webm");
      const viewer = await open("/live/ws");
      const publisher = await open("/publish/ws", { token: "key" });
      for (const chunk of source.chunks) await publisher.sendBinary(chunk);
      await publisher.close(1000);
      await viewer.closed();
      const got = Buffer.concat(viewer.messages.map((message) => message.data));
      assert.ok(got.equals(wholeFile(source)), `${got.length} bytes`);
    });

    test("a page of another site is still refused", async () => {
      const ws = await RawWs.request({
        port: proxy.port,
        host: "localhost",
        tls: true,
        path: "/live/ws",
        origin: "https://evil.example",
      });
      assert.equal(ws.head.status, 403);
    });

    test("a PUT of 100 MB", async () => {
      const { stdout, stderr } = await curl(
        "--http1.1",
        "-T",
        join(folder, "large.webm"),
        `${proxy.origin}/publish/put?token=key`,
      );
      assert.ok(JSON.parse(stdout || "{}").received_bytes > LARGE, stdout + stderr);
    });

    test(".mp4 and LL-HLS while it is published, over HTTP/2", async () => {
      const out = join(folder, `${name}.mp4`);
      const source = container("chromium-avc1-opus-camera-kf1000.mp4");
      const publisher = await open("/publish/h264", { token: "key" });
      const watching = curl(
        "--http2",
        "-N",
        "-o",
        out,
        "-w",
        "%{http_version}",
        `${proxy.origin}/live/h264.mp4?wait=20`,
      );
      const playlist = curl("--http2", `${proxy.origin}/live/h264/media.m3u8?wait=20`);
      for (const chunk of source.chunks) {
        await publisher.sendBinary(chunk);
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      const { stdout: text } = await playlist;
      assert.match(text, /#EXT-X-PART:/, "parts are listed");
      const part = /URI="(part-[^"]+)"/.exec(text)?.[1];
      const bytes = await curl(
        "--http2",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code} %{size_download}",
        `${proxy.origin}/live/h264/${part}`,
      );
      assert.match(bytes.stdout, /^200 [1-9]/);
      await publisher.close(1000);
      assert.equal((await watching).stdout, "2");
      assert.ok((track(await probe(out), "video")?.packets ?? 0) > 10);
    });

    test("pages and scripts, whatever the Origin of who asks", async () => {
      for (const path of ["/", "/watch/cam", "/publish/cam", "/framewire.js", "/recordings"]) {
        const { stdout } = await curl("-o", "/dev/null", "-w", "%{http_code}", proxy.origin + path);
        assert.equal(stdout, "200", path);
      }
    });
  });
}
