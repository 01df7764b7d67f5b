#!/usr/bin/env bash
# Chromium 156: WebCodecs' AudioEncoder and AudioDecoder keep the time of the first piece and count samples from there.
#
# Each AudioData and each EncodedAudioChunk carries a timestamp, so one would think that a hole between two of them (a
# microphone that was away for half a second) is there in what comes out as well. It is not: whatever is put in later comes
# out directly behind, earlier than its pictures by the sum of all holes, and a clock of another speed drifts for good.
# VideoEncoder and VideoDecoder hand the timestamps through. Look the true time up by the counted one.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
installed chromium 156.0.8078.114-1~deb12u1
npm_packages playwright-core@1.61.0

cat > try.mjs <<'JS'
import { chromium } from "playwright-core";
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless=new", "--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage();
const { createServer } = await import("node:http");
const site = createServer((_, response) => response.end("<title>x</title>")).listen(0, "127.0.0.1");
await new Promise((resolve) => site.once("listening", resolve));
await page.goto(`http://localhost:${site.address().port}/`); // a secure context
const seen = await page.evaluate(async () => {
  const fail = (error) => { throw error; };
  const format = { sampleRate: 48_000, numberOfChannels: 1 };
  const piece = 480; // 10 ms
  const times = [...Array(10).keys()].map((n) => n * 10_000);
  const later = times.map((at) => at + 100_000 + 500_000); // behind a hole of half a second
  const chunks = [];
  const encoder = new AudioEncoder({ output: (chunk) => chunks.push(chunk), error: fail });
  encoder.configure({ codec: "opus", ...format, opus: { frameDuration: 10_000 } });
  for (const timestamp of [...times, ...later]) {
    const data = new Float32Array(piece);
    encoder.encode(new AudioData({ format: "f32", ...format, numberOfFrames: piece, timestamp, data }));
  }
  await encoder.flush();
  const out = [];
  const decoder = new AudioDecoder({ output: (data) => out.push(data), error: fail });
  decoder.configure({ codec: "opus", ...format });
  chunks.slice(0, 20).forEach((chunk, n) => {
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    const timestamp = n < 10 ? n * 10_000 : n * 10_000 + 500_000;
    decoder.decode(new EncodedAudioChunk({ type: "key", timestamp, data }));
  });
  await decoder.flush();
  const widest = (list) =>
    Math.max(...list.slice(1).map(({ timestamp }, n) => timestamp - list[n].timestamp));
  return [chunks, out].map((list) => (widest(list) < 100_000 ? "no hole" : "the hole"));
});
console.log(`encoder: ${seen[0]}, decoder: ${seen[1]}`);
site.close();
await browser.close();
JS
expect "Chromium 156: half a second without sound" "encoder: no hole, decoder: no hole" "$(node try.mjs)"
