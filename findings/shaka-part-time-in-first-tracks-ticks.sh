#!/usr/bin/env bash
# shaka-player 5.2.12: HLS segments of which some begin with a fragment of the sound leave holes in the buffer.
#
# The order of the fragments in a segment, one would think, does not matter to a player: each says its track and its decode
# time. shaka-player takes the first decode time in a segment, divides it by the ticks of the init segment's first track,
# whose ever it is, and moves the buffer's timestampOffset when that is a millisecond off the sum of the durations in the
# list. With sound of 44,100 ticks in front of pictures of 12,800 that is far off; and each move aborts the parser, so that
# Chromium drops pictures up to the next keyframe. Let one track's fragment stand first in all segments, and the durations add
# up to its decode times.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
installed chromium 156.0.8078.114-1~deb12u1
installed ffmpeg 7:5.1.9-0+deb12u1
npm_packages playwright-core@1.61.0 shaka-player@5.2.12

ffmpeg -v error -f lavfi -i testsrc2=size=192x108:rate=25 -f lavfi -i sine=sample_rate=44100 -t 16 -c:v libx264 \
  -preset ultrafast -g 50 -bf 0 -pix_fmt yuv420p -c:a aac -f mp4 \
  -movflags frag_every_frame+empty_moov+default_base_moof+separate_moof both.mp4

cat > try.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";
const EACH = 10; // pictures in a segment of 0.4 s
const both = readFileSync("both.mp4");
const header = [];
const fragments = [[], []]; // of the pictures, of the sound
for (let at = 0, moof; at < both.length; at += both.readUInt32BE(at)) {
  const kind = both.toString("latin1", at + 4, at + 8);
  const box = both.subarray(at, at + both.readUInt32BE(at));
  if (kind === "ftyp" || kind === "moov") header.push(box);
  if (kind === "moof") moof = box;
  if (kind === "mdat") fragments[moof.readUInt32BE(moof.indexOf("tfhd") + 8) - 1].push(Buffer.concat([moof, box]));
}
const [pictures, sound] = fragments;
const count = pictures.length / EACH;
const share = sound.length / count;
const segments = Array.from({ length: count }, (_, i) => [
  pictures.slice(i * EACH, (i + 1) * EACH),
  sound.slice(Math.round(i * share), Math.round((i + 1) * share)),
]);
const list = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:1", '#EXT-X-MAP:URI="init.mp4"']
  .concat(segments.flatMap((_, i) => ["#EXTINF:0.400000,", `${i}.m4s`]), "#EXT-X-ENDLIST", "")
  .join("\n");
const index = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=500000,CODECS="avc1.42C00B,mp4a.40.2"\nlist.m3u8\n';
const site = createServer((request, response) => {
  const [, order, file] = request.url.split("/");
  const [first, second] = segments[Number.parseInt(file, 10)] ?? [];
  const turned = order === "either" && Number.parseInt(file, 10) % 2 === 1;
  if (file === "index.m3u8" || file === "list.m3u8") {
    response.setHeader("content-type", "application/vnd.apple.mpegurl");
    response.end(file === "index.m3u8" ? index : list);
  } else if (file === "init.mp4") response.end(Buffer.concat(header));
  else if (first) response.end(Buffer.concat(turned ? [...second, ...first] : [...first, ...second]));
  else response.setHeader("content-type", "text/html").end("<video muted></video>");
}).listen(0, "127.0.0.1");
await new Promise((resolve) => site.once("listening", resolve));
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless=new", "--no-sandbox", "--disable-gpu"],
});
for (const order of ["pictures", "either"]) {
  const page = await browser.newPage();
  const origin = `http://localhost:${site.address().port}`;
  await page.goto(`${origin}/page`);
  await page.addScriptTag({ path: "node_modules/shaka-player/dist/shaka-player.compiled.js" });
  const seen = await page.evaluate(async (url) => {
    const player = new shaka.Player();
    await player.attach(document.querySelector("video"));
    await player.load(url);
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const { buffered } = document.querySelector("video");
    const last = buffered.length - 1; // it sets the offset a few times as it starts
    return buffered.end(last) - buffered.start(last) > 8 ? "goes on" : "holes";
  }, `${origin}/${order}/index.m3u8`);
  console.log(`${order} first: ${seen}`);
}
site.close();
await browser.close();
JS
expect "shaka-player 5.2.12: what stands first in a segment" "pictures first: goes on
either first: holes" "$(node try.mjs)"
