#!/usr/bin/env bash
# Chromium 156: a video element paints a frame of Media Source Extensions, and tells it, while nothing is buffered.
#
# A frame that was painted, one would think, was buffered: readyState HAVE_CURRENT_DATA, and a range that holds it. With a
# SourceBuffer whose header names a sound that never comes, `buffered` stays empty (it is what all tracks have in common) and
# readyState HAVE_METADATA, yet the first picture is shown and requestVideoFrameCallback called. Nothing follows: no error, no
# "waiting", no second picture. Who takes that callback for a stream that plays waits for ever; look at `buffered`, too.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
installed chromium 156.0.8078.114-1~deb12u1
installed ffmpeg 7:5.1.9-0+deb12u1
npm_packages playwright-core@1.61.0

ffmpeg -v error -f lavfi -i testsrc2=size=192x108:rate=25 -f lavfi -i sine -t 4 -c:v libx264 -preset ultrafast -g 25 -bf 0 \
  -pix_fmt yuv420p -c:a aac -f mp4 -movflags frag_keyframe+empty_moov+default_base_moof+separate_moof both.mp4

cat > try.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";
const both = readFileSync("both.mp4");
const [header, pictures] = [[], []];
let ofPictures = true;
for (let at = 0; at < both.length; at += both.readUInt32BE(at)) {
  const kind = both.toString("latin1", at + 4, at + 8);
  const box = both.subarray(at, at + both.readUInt32BE(at));
  if (kind === "moof") ofPictures = box.readUInt32BE(box.indexOf("tfhd") + 8) === 1; // its track
  if (kind === "ftyp" || kind === "moov") header.push(box);
  else if (ofPictures && (kind === "moof" || kind === "mdat")) pictures.push(box);
}
const bytes = Buffer.concat([...header, ...pictures]);
const site = createServer((request, response) => {
  response.setHeader("content-type", request.url === "/film" ? "video/mp4" : "text/html");
  response.end(request.url === "/film" ? bytes : "<video muted autoplay></video>");
}).listen(0, "127.0.0.1");
await new Promise((resolve) => site.once("listening", resolve));
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless=new", "--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage();
await page.goto(`http://localhost:${site.address().port}/`);
const seen = await page.evaluate(async () => {
  const video = document.querySelector("video");
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise((resolve) => source.addEventListener("sourceopen", resolve, { once: true }));
  let painted = 0;
  const paint = () => {
    painted += 1;
    video.requestVideoFrameCallback(paint);
  };
  video.requestVideoFrameCallback(paint);
  const buffer = source.addSourceBuffer('video/mp4; codecs="avc1.42C01E,mp4a.40.2"');
  buffer.appendBuffer(await (await fetch("/film")).arrayBuffer());
  await new Promise((resolve) => buffer.addEventListener("updateend", resolve, { once: true }));
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const error = video.error ? "an error" : "no error";
  return `painted ${painted}, ranges ${buffer.buffered.length}, readyState ${video.readyState}, ${error}`;
});
console.log(seen);
site.close();
await browser.close();
JS
expect "Chromium 156: a sound that never comes" "painted 1, ranges 0, readyState 1, no error" "$(node try.mjs)"
