/** A page publishes, pages watch: the facts of how well, measured against the published bytes. */
import assert from "node:assert/strict";
import { kitPage, publishFrom, seenBy, stopPublishing, watchIn } from "./browsers.mjs";
import { run } from "./decode.mjs";
import { quantile } from "./proc.mjs";
import { BareViewer } from "./viewer.mjs";
import { until } from "./wait.mjs";
import { layoutOf, videoBlocks } from "./webm.mjs";

/** @typedef {import('./browsers.mjs').Browser} Browser */
/** @typedef {import('./browsers.mjs').TestPage} TestPage */
/** @typedef {import('./server.mjs').Server} Server */

/**
 * @typedef {object} Facts
 * @property {string} browser
 * @property {number} published frames from the join to the last that was shown
 * @property {number} shown
 * @property {number} ratio
 * @property {number} loudestDb the loudest sample heard, dBFS
 * @property {number} colourError 0 to 255, canvas only
 * @property {number} unreadable pictures whose number could not be read, canvas only
 * @property {number} distinct different numbers read, canvas only
 * @property {string[]} back where numbers went back
 * @property {string[]} sizes
 * @property {number} firstPictureMs after the socket opened
 * @property {any} seen
 */

/** @param {string} browser @param {any} seen @param {number[]} timesMs presentation times of all published frames @param {number} loudestDb @returns {Facts} */
function factsOf(browser, seen, timesMs, loudestDb) {
  const [from, to] = [(seen.joinedAtMs ?? 0) - 1, seen.last.mediaTime * 1000 + 1];
  const published = timesMs.filter((t) => t >= from && t <= to).length;
  const distinct = new Set(seen.mediaTimes.filter((/** @type {number} */ t) => t * 1000 >= from));
  // Callbacks come late or not at all when a page is busy, and each browser counts in its own place:
  // Firefox's presentedFrames counts a picture again that is composited again.
  const count = browser === "chromium" ? "presented" : "rendered";
  const counted = seen.joined ? seen.last[count] - seen.joined[count] + 1 : 0;
  const shown = Math.min(published, Math.max(distinct.size, counted));
  return {
    browser,
    published,
    shown,
    ratio: shown / published,
    loudestDb,
    // One taken just while the size changes may be torn.
    colourError: quantile([0, ...seen.colourErrors], 0.9),
    unreadable: seen.unreadable,
    distinct: new Set(seen.numbers).size,
    back: seen.numbers.flatMap((/** @type {number} */ n, /** @type {number} */ i) =>
      i > 0 && n < seen.numbers[i - 1] ? [`${seen.numbers[i - 1]} to ${n}`] : [],
    ),
    sizes: seen.sizes,
    firstPictureMs: seen.first.at - seen.openedAt,
    seen,
  };
}

/** Presentation times of the video frames in published bytes, in ms. @param {Buffer} bytes @param {boolean} mp4 */
export async function frameTimes(bytes, mp4) {
  if (!mp4) return videoBlocks(layoutOf(bytes)).map((block) => block.timeMs);
  const args = [
    "-v",
    "error",
    "-select_streams",
    "v:0",
    "-show_entries",
    "packet=pts_time",
    "-of",
    "csv=p=0",
    "-",
  ];
  const { stdout } = await run("ffprobe", args, bytes);
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => Number.parseFloat(line) * 1000);
}

/**
 * @typedef {object} Scene
 * @property {Server} server
 * @property {string} stream
 * @property {Browser} publisher
 * @property {Browser[]} watchers
 * @property {object} source options of the kit's publish()
 * @property {number} [seconds] to watch, default 6
 * @property {boolean} [numbered] the canvas with its numbers
 * @property {boolean} [mp4]
 * @property {(page: TestPage) => Promise<void>} [meanwhile] what the publishing page does while watched
 */

/** @param {Scene} scene @returns {Promise<{mime: string, bytes: Buffer, facts: Facts[]}>} */
async function playScene(scene) {
  const { server, stream } = scene;
  const whole = await BareViewer.open(server, stream);
  const publishing = await kitPage(scene.publisher, server);
  // What is published is read as a film, and the element's own pictures are looked at.
  const { options: given, ...source } = /** @type {{options?: object}} */ (scene.source);
  const recorded = { ...source, options: { as: "recording", ...given } };
  const mime = await publishFrom(publishing, `/publish/${stream}`, recorded);
  await whole.untilBytes(20_000, 30_000);
  const pages = await Promise.all(scene.watchers.map((browser) => kitPage(browser, server)));
  const options = { numbered: scene.numbered ?? false };
  await Promise.all(pages.map((page) => watchIn(page, `/watch/${stream}`, options)));
  await Promise.all(
    pages.map((page) =>
      playsFor(page, scene.seconds ?? 6, scene.meanwhile && (() => scene.meanwhile?.(publishing))),
    ),
  );
  const seen = await Promise.all(pages.map(seenBy));
  const loudest = await Promise.all(pages.map(soundOf));
  await stopPublishing(publishing);
  await whole.ended();
  const times = await frameTimes(whole.bytes, scene.mp4 ?? false);
  await Promise.all([publishing, ...pages].map((page) => page.close()));
  return {
    mime,
    bytes: whole.bytes,
    facts: seen.map((s, i) => factsOf(scene.watchers[i].name, s, times, loudest[i])),
  };
}

/** Records what a page plays, over at least two beeps of the fake microphones. @param {TestPage} page @returns {Promise<number>} the loudest sample, dBFS */
async function soundOf(page) {
  let loudest = -Infinity;
  for (let tries = 0; tries < 3 && loudest < SILENCE_DB; ++tries) {
    const recording = await page.evaluate("window.kit.recordSound(2500)");
    const args = ["-i", "-", "-af", "volumedetect", "-f", "null", "-"];
    const { stderr } = await run("ffmpeg", args, Buffer.from(recording, "base64"));
    loudest = Math.max(loudest, Number(/max_volume: (-?[\d.]+) dB/.exec(stderr)?.[1] ?? -Infinity));
  }
  return loudest;
}

/** Waits for so many seconds of media to be shown. @param {TestPage} page @param {number} seconds @param {(() => Promise<void> | undefined) | undefined} begin */
async function playsFor(page, seconds, begin) {
  const look = async () => {
    const seen = await page.evaluate("window.kit.progress()");
    if (seen.error) throw new Error(`the player failed: ${seen.error}`);
    return seen;
  };
  await until(async () => (await look()).first, "a first picture", {
    ms: 30_000,
    every: 100,
  }).catch(async (error) => {
    throw new Error(
      `${error.message}: ${JSON.stringify(await seenBy(page))} ${page.complaints.join("; ")}`,
    );
  });
  await begin?.();
  await until(
    async () => {
      const { first, last } = await look();
      return last.mediaTime - first.mediaTime >= seconds;
    },
    `${seconds} s of pictures`,
    { ms: 30_000 + seconds * 3000, every: 200 },
  );
}

/**
 * The share of the published frames that must be shown: the promise is nine of ten, which tools/prove holds
 * a quiet machine to. A test run may share its cores with anything, so there a tenth shows that it works.
 */
const STRICT = Boolean(process.env.FRAMEWIRE_PROVE);
const SHOWN = STRICT ? 0.9 : 0.1;
const UNREADABLE = STRICT ? 0.02 : 0.3;
/** A beep is far louder, digital silence far below: dBFS. */
const SILENCE_DB = -40;

/**
 * Plays a scene and checks it. A test run may share its cores with anything: there a scene that was
 * starved gets a second chance.
 *
 * @param {Scene} scene @param {{numbered?: boolean}} [options] for checkFacts
 */
export async function playWell(scene, options) {
  const played = await playScene(scene);
  try {
    checkFacts(played.facts, options);
    return played;
  } catch (error) {
    if (STRICT) throw error;
    console.log(`again, after: ${error}`);
  }
  const again = await playScene({ ...scene, stream: `${scene.stream}-again` });
  checkFacts(again.facts, options);
  return again;
}

/** Frames shown, right pixels, sound. @param {Facts[]} facts @param {{numbered?: boolean}} [options] */
function checkFacts(facts, { numbered = false } = {}) {
  for (const f of facts) {
    const said = `${f.browser}: ${f.shown} of ${f.published} frames, sound up to ${f.loudestDb} dB, colour error ${f.colourError}, states ${f.seen.states}`;
    console.log(said);
    assert.ok(f.published > 20, said);
    assert.ok(f.ratio >= SHOWN, said);
    assert.ok(f.loudestDb > SILENCE_DB, `silent; ${said}`);
    if (!numbered) continue;
    assert.ok(
      f.unreadable <= f.seen.callbacks * UNREADABLE,
      `${f.unreadable} unreadable pictures; ${said}`,
    );
    assert.ok(f.colourError < 48, said);
    assert.deepEqual(f.back, [], `numbers went back; ${said}`);
    // A busy page misses callbacks, and Firefox records a picture again that was not painted over in time.
    assert.ok(f.distinct >= f.published * SHOWN * 0.5, `${f.distinct} different numbers; ${said}`);
  }
}

/** Snapshots of the page against ffmpeg's decoding of the published bytes at the same time: correlation of
 * all samples, 1 = alike. Browser and ffmpeg may take the untagged colours for BT.601 or BT.709, which
 * shifts levels and leaves the picture.
 * @param {Facts} facts @param {Buffer} bytes @param {number[]} timesMs @returns {Promise<number[]>} */
export async function pictureMatches(facts, bytes, timesMs) {
  const frames = await decodeSmall(bytes);
  return facts.seen.snapshots.map((/** @type {any} */ snapshot) => {
    const at = snapshot.mediaTime * 1000;
    const distance = timesMs.map((t) => Math.abs(t - at));
    const nearest = distance.indexOf(Math.min(...distance));
    // What is drawn may already be a later picture than the one the callback is about.
    const near = [-1, 0, 1, 2, 3, 4].map((i) => nearest + i).filter((i) => frames[i]);
    return Math.max(...near.map((i) => correlation(frames[i], snapshot.rgba)));
  });
}

/** @param {Facts} facts @param {Buffer} bytes @param {number[]} timesMs */
export async function checkPictures(facts, bytes, timesMs) {
  const matches = await pictureMatches(facts, bytes, timesMs);
  const said = `${facts.browser}: pictures match by ${matches.map((m) => m.toFixed(3))}`;
  console.log(said);
  assert.ok(matches.length >= 3 && Math.min(...matches) > 0.9, said);
}

/** @param {Buffer} rgb @param {number[]} rgba */
function correlation(rgb, rgba) {
  const other = rgba.filter((_, i) => i % 4 !== 3);
  const mean = (/** @type {ArrayLike<number>} */ a) =>
    Array.from(a).reduce((s, v) => s + v, 0) / a.length;
  const [ma, mb] = [mean(rgb), mean(other)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < rgb.length; ++i) {
    ab += (rgb[i] - ma) * (other[i] - mb);
    aa += (rgb[i] - ma) ** 2;
    bb += (other[i] - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

/** @param {Buffer} bytes @returns {Promise<Buffer[]>} each frame as 64x36 RGB */
async function decodeSmall(bytes) {
  const { spawn } = await import("node:child_process");
  const child = spawn("ffmpeg", [
    "-v",
    "error",
    "-i",
    "-",
    "-an",
    "-fps_mode",
    "passthrough",
    "-vf",
    "scale=64:36:flags=area",
    "-pix_fmt",
    "rgb24",
    "-f",
    "rawvideo",
    "-",
  ]);
  child.stdin.on("error", () => {});
  child.stdin.end(bytes);
  const chunks = [];
  for await (const chunk of child.stdout) chunks.push(chunk);
  const all = Buffer.concat(chunks);
  const size = 64 * 36 * 3;
  return Array.from({ length: Math.floor(all.length / size) }, (_, i) =>
    all.subarray(i * size, (i + 1) * size),
  );
}
