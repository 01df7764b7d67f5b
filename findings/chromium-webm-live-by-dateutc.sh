#!/usr/bin/env bash
# Chromium 156: how many pictures of live WebM it wants before it plays hangs on a date and a duration in the header.
#
# To Media Source Extensions a MediaRecorder's WebM of unknown length looks live, and one expects it to play as soon as there is a
# picture. It plays from the fifth on, and keeps so many back for ever. A DateUTC in Info, whatever date (RFC 9559 has it as
# the date of the writing), makes the stream live to Chromium, which then waits for none; and a DefaultDuration in the
# video track lets it have each picture before the next one tells how long this one lasts. No recorder writes either.
# To do: put both into the header that is appended. The duration must be long, for a picture later than twice that is left out up
# to a keyframe; where pictures pause for longer than it there is a hole in what is buffered.
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
await page.goto(`http://localhost:${site.address().port}/`);
const told = await page.evaluate(async () => {
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const canvas = document.body.appendChild(document.createElement("canvas"));
  const context = canvas.getContext("2d", { alpha: false });
  let n = 0;
  const painting = setInterval(() => {
    context.fillStyle = `hsl(${(n += 7)} 70% 50%)`;
    context.fillRect(0, 0, 300, 150);
  }, 40);
  const pieces = [];
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm; codecs="vp8"' });
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  recorder.start(100); // without a slice the file is a finished one, with a Duration
  await sleep(1500);
  await new Promise((resolve) => {
    recorder.onstop = resolve;
    recorder.stop();
  });
  clearInterval(painting);
  const film = new Uint8Array(await new Blob(pieces).arrayBuffer());

  const element = (at) => {
    const idBytes = Math.clz32(film[at]) - 23;
    const sizeBytes = Math.clz32(film[at + idBytes]) - 23;
    let id = 0, size = film[at + idBytes] & (0xff >> sizeBytes);
    for (let i = 0; i < idBytes; i += 1) id = id * 256 + film[at + i];
    for (let i = 1; i < sizeBytes; i += 1) size = size * 256 + film[at + idBytes + i];
    return { id, at, body: at + idBytes + sizeBytes, size };
  };
  const [SEGMENT, INFO, TRACKS, ENTRY, CLUSTER, BLOCK] = [0x18538067, 0x1549a966, 0x1654ae6b, 0xae, 0x1f43b675, 0xa3];
  const found = {}, blocks = [];
  for (let at = 0, from = 0; at < film.length; ) {
    const { id, body, size } = element(at);
    if (id === CLUSTER) from ||= at;
    if (id === INFO || id === TRACKS) found[id] = element(at);
    at = id === SEGMENT || id === CLUSTER ? body : body + size;
    if (id !== BLOCK) continue;
    blocks.push(film.slice(from, at)); // a Cluster's beginning goes with its first picture
    from = at;
  }
  // With eight bytes of size, and more at its end.
  const longer = (id, { body, size }, more) => [...id, 1, 0, 0, 0, 0, 0, (size + more.length) >> 8, (size + more.length) & 255,
    ...film.slice(body, body + size), ...more];
  const header = (dated, lasting) => {
    const info = longer([0x15, 0x49, 0xa9, 0x66], found[INFO], dated ? [0x44, 0x61, 0x88, 0, 0, 0, 0, 0, 0, 0, 0] : []);
    const entry = element(found[TRACKS].body);
    if (entry.id !== ENTRY) throw new Error("no track");
    const track = longer([0xae], entry, lasting ? [0x23, 0xe3, 0x83, 0x84, 0x0b, 0xeb, 0xc2, 0] : []); // 0.2 s
    const size = track.length;
    return Uint8Array.from([...film.slice(0, found[INFO].at), ...info, 0x16, 0x54, 0xae, 0x6b, 1, 0, 0, 0, 0, 0, size >> 8, size & 255, ...track]);
  };
  const untilPlays = async (dated, lasting) => {
    const video = document.body.appendChild(document.createElement("video"));
    video.muted = true;
    const media = new MediaSource();
    video.src = URL.createObjectURL(media);
    await new Promise((resolve) => (media.onsourceopen = resolve));
    const buffer = media.addSourceBuffer('video/webm; codecs="vp8"');
    const append = (bytes) => new Promise((resolve) => {
      buffer.onupdateend = resolve;
      buffer.appendBuffer(bytes);
    });
    video.play();
    await append(header(dated, lasting));
    let count = 0;
    for (; count < blocks.length && video.currentTime === 0; count += 1) {
      await append(blocks[count]);
      await sleep(400);
    }
    video.remove();
    return count;
  };
  const out = [];
  for (const how of [[false, false], [true, false], [false, true], [true, true]]) out.push(await untilPlays(...how));
  return out.join(", ");
});
console.log(told);
site.close();
await browser.close();
JS
expect "Chromium 156: pictures appended before it plays: as recorded, with a date, with a duration, with both" "5, 2, 4, 1" "$(node try.mjs)"
