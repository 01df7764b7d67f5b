#!/usr/bin/env bash
# Chromium 156: in Media Source Extensions a picture that is late by two of its durations costs all pictures up to a keyframe.
#
# 60 pictures a second, a keyframe each second, and one picture that comes 50 ms after the one before it, not 17. A careful
# engineer would expect a hole of 33 ms in `buffered`, and every picture decoded: none is missing. Chromium takes a step of more
# than twice the last picture's duration for a discontinuity (as the specification's coded frame processing allows) and drops
# what follows up to the next keyframe: 0.83 s. With a duration of 33 ms said for the one before, nothing is dropped. Who cuts a live
# canvas, whose steps are uneven, says the longest step lately as each picture's duration, never the last one.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
installed chromium 156.0.8078.114-1~deb12u1
installed ffmpeg 7:5.1.9-0+deb12u1
npm_packages playwright-core@1.61.0

ffmpeg -v error -f lavfi -i testsrc2=size=192x108:rate=60 -t 3 -c:v libx264 -preset ultrafast -g 60 -bf 0 -pix_fmt yuv420p \
  -video_track_timescale 60000 -f mp4 -movflags frag_every_frame+empty_moov+default_base_moof even.mp4

cat > try.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";
const LATE = 70; // the picture that is late: the eleventh of the second group
const [FRAME, STEP] = [1000, 3000]; // in ticks of 1/60000 s
/** The film with all from picture LATE on later; the one before it lasts so many ticks. */
function film(duration) {
  const bytes = Buffer.from(readFileSync("even.mp4"));
  let n = 0;
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
    if (bytes.toString("latin1", at + 4, at + 8) !== "moof") continue;
    const [tfdt, tfhd] = ["tfdt", "tfhd"].map((kind) => bytes.indexOf(kind, at) + 4);
    const long = bytes[tfdt] === 1;
    const time = long ? Number(bytes.readBigUInt64BE(tfdt + 4)) : bytes.readUInt32BE(tfdt + 4);
    const put = time + (n >= LATE ? STEP - FRAME : 0);
    if (long) bytes.writeBigUInt64BE(BigInt(put), tfdt + 4);
    else bytes.writeUInt32BE(put, tfdt + 4);
    // tfhd: flags, track; then the default duration, for flag 8 (flags 1 and 2 have members before it)
    const flags = bytes.readUInt32BE(tfhd) & 0xffffff;
    if ((flags & 8) === 0 || (flags & 3) !== 0) throw new Error(`tfhd has flags ${flags.toString(16)}`);
    if (n === LATE - 1) bytes.writeUInt32BE(duration, tfhd + 8);
    n += 1;
  }
  return bytes;
}
const site = createServer((request, response) => {
  const duration = Number(/^\/film\/(\d+)/.exec(request.url)?.[1]);
  response.setHeader("content-type", duration ? "video/mp4" : "text/html");
  response.end(duration ? film(duration) : "<video muted></video>");
}).listen(0, "127.0.0.1");
await new Promise((resolve) => site.once("listening", resolve));
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless=new", "--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage();
await page.goto(`http://localhost:${site.address().port}/`);
for (const duration of [FRAME, 2 * FRAME])
  console.log(
    await page.evaluate(async (ticks) => {
      const source = new MediaSource();
      document.querySelector("video").src = URL.createObjectURL(source);
      await new Promise((resolve) => source.addEventListener("sourceopen", resolve, { once: true }));
      const buffer = source.addSourceBuffer('video/mp4; codecs="avc1.42C01E"');
      buffer.appendBuffer(await (await fetch(`/film/${ticks}`)).arrayBuffer());
      await new Promise((resolve) => buffer.addEventListener("updateend", resolve, { once: true }));
      const ranges = Array.from({ length: buffer.buffered.length }, (_, i) =>
        [buffer.buffered.start(i), buffer.buffered.end(i)].map((s) => s.toFixed(2)).join("-"),
      );
      return ranges.join(" ");
    }, duration),
  );
site.close();
await browser.close();
JS
seen=$(node try.mjs)
expect "Chromium 156: 50 ms after a picture of 17 ms" "0.00-1.17 2.03-3.03" "$(sed -n 1p <<<"$seen")"
expect "Chromium 156: 50 ms after a picture of 33 ms" "0.00-3.03" "$(sed -n 2p <<<"$seen")"
