/** kill -9 of the server at 50 random moments of a recording: what the next start makes of it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { launchChromium } from "../lib/chromium.mjs";
import { container } from "../lib/media.mjs";
import { random } from "../lib/proc.mjs";
import { BarePublisher, sendInTime } from "../lib/publisher.mjs";
import { finished, probe, recorder, seekTo90, withFolder } from "../lib/recordings.mjs";
import { Server } from "../lib/server.mjs";
import { sleep } from "../lib/wait.mjs";

const FIXTURES = [
  "chromium-vp8-opus-camera.webm",
  "chromium-avc1-opus-camera-kf1000.mp4",
  "firefox-vp8-opus-camera.webm",
  "chromium-vp9-opus-camera.mp4",
  "chromium-vp8-canvas-alpha-opus.webm",
];
const RUNS = 50;
const AT_ONCE = 5; // streams of one server, killed together

/** What a fixture's chunks hold: the media time that is whole once chunk n has been sent. @param {string} fixture @param {number} n @param {string} dir */
async function lengthOf(fixture, n, dir) {
  if (n === 0) return 0;
  const { writeFileSync } = await import("node:fs");
  const file = join(dir, "sent");
  writeFileSync(file, Buffer.concat(container(fixture).chunks.slice(0, n)));
  const { tracks } = await probe(file).catch(() => ({ tracks: [] }));
  const times = tracks.flatMap((t) => t.times);
  return times.length ? Math.max(...times) - Math.min(...times) : 0;
}

test(`kill -9 at ${RUNS} random moments`, { timeout: 900_000 }, async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 100_000);
  const next = random(seed);
  const browser = await launchChromium();
  const page = /** @type {any} */ (await browser.open()).page;
  let done = 0;
  let durations = 0;
  let sought = 0;
  /** @type {number[]} */ const missing = [];
  /** @type {string[]} */ const wrong = [];
  try {
    for (let round = 0; round < RUNS / AT_ONCE; ++round) {
      await withFolder(async (dir) => {
        const killed = await recorder(dir);
        const sent = FIXTURES.map(() => 0);
        let over = false;
        for (const [i, fixture] of FIXTURES.entries()) {
          const publisher = await BarePublisher.open(killed, `killed/${i}`);
          const send = (/** @type {Buffer} */ chunk) => publisher.send(chunk).then(() => ++sent[i]);
          sendInTime(send, container(fixture), { stopped: () => over }).catch(() => {});
        }
        await sleep(1500 + next() * 4500);
        // What was sent a second before the end must be there.
        const earlier = [...sent];
        await sleep(1000);
        over = true;
        killed.child.kill("SIGKILL");
        await killed.ended();
        await Server.with({ flags: ["--record-dir", dir] }, async (server) => {
          await page.goto(server.origin);
          const films = await finished(server, undefined, 1);
          for (const [i, fixture] of FIXTURES.entries()) {
            const name = `seed ${seed}, round ${round}, ${fixture}`;
            const due = await lengthOf(fixture, earlier[i], dir);
            const film = films.find((f) => f.stream === `killed/${i}`);
            if (!film && due === 0) {
              // Nothing had been published but a header: there is nothing to keep.
              done += 1;
              durations += 1;
              sought += 1;
              continue;
            }
            if (film?.state !== "done") {
              wrong.push(`${name}: ${film ? film.error : "no recording"}`);
              continue;
            }
            ++done;
            const { duration } = await probe(join(dir, film.id));
            if (duration > 0) ++durations;
            missing.push(Math.max(0, due - duration));
            if (duration + 0.05 < due) wrong.push(`${name}: ${duration} s of ${due} s`);
            const seen = await seekTo90(page, film.url ?? "");
            if (seen.error) wrong.push(`${name}: ${seen.error}`);
            else ++sought;
          }
        });
      });
    }
  } finally {
    await browser.close();
  }
  console.log(
    `figure: ${done} of ${RUNS} finalised, ${durations} with a duration, ${sought} seek to 90 % in Chromium; of what was sent a second before the kill at most ${Math.max(...missing).toFixed(2)} s is missing (seed ${seed})`,
  );
  assert.deepEqual(wrong, []);
  assert.equal(done, RUNS);
});
