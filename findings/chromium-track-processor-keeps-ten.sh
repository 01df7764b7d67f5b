#!/usr/bin/env bash
# Chromium 156: a MediaStreamTrackProcessor of a sound track keeps ten pieces and silently loses the older ones.
#
# Whoever reads a sound track would think that the stream holds what the page has no time for, as a MediaRecorder or an
# AudioWorklet's messages do. By default ten AudioData of 10 ms wait; a page that is busy for 400 ms has lost most of that
# when it reads again, without an error, and only the timestamps tell. Say `maxBufferSize`.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
installed chromium 156.0.8078.114-1~deb12u1
npm_packages playwright-core@1.61.0

cat > try.mjs <<'JS'
import { createServer } from "node:http";
import { chromium } from "playwright-core";
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
});
const site = createServer((_, response) => response.end("<title>x</title>")).listen(0, "127.0.0.1");
await new Promise((resolve) => site.once("listening", resolve));
const page = await browser.newPage();
await page.goto(`http://localhost:${site.address().port}/`); // a secure context
const lost = await page.evaluate(async () => {
  const out = [];
  for (const more of [{}, { maxBufferSize: 400 }]) {
    const context = new AudioContext({ sampleRate: 48_000 });
    const end = context.createMediaStreamDestination();
    const tone = new OscillatorNode(context);
    tone.connect(end);
    tone.start();
    const [track] = end.stream.getAudioTracks();
    const reader = new MediaStreamTrackProcessor({ track, ...more }).readable.getReader();
    const begun = performance.now();
    let busy = false, samples = 0, first = null, last = 0;
    while (performance.now() - begun < 1500) {
      const { value } = await reader.read();
      first ??= value.timestamp;
      last = value.timestamp;
      samples += value.numberOfFrames;
      value.close();
      if (busy || performance.now() - begun < 500) continue;
      busy = true;
      for (const until = performance.now() + 400; performance.now() < until; );
    }
    reader.cancel();
    context.close();
    out.push((last - first) / 1000 - samples / 48 > 200 ? "lost" : "whole");
  }
  return out.join(", ");
});
console.log(lost);
site.close();
await browser.close();
JS
expect "Chromium 156: a page that was busy for 400 ms, by default and with maxBufferSize" "lost, whole" "$(node try.mjs)"
