/**
 * Pictures with sound beside them for an hour: how far apart the two are when they are seen and heard. The picture
 * carries its time; a beep begins at known times, and is found in what the player's AudioWorklet gives out. By hand:
 *
 *     node tests/e2e/slow/picture_sound.mjs [--minutes 60] [--sound opus] [--type image/jpeg] [--fps 15]
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { launchChromium } from "../lib/chromium.mjs";
import { median, quantile } from "../lib/proc.mjs";
import { Server } from "../lib/server.mjs";
import { notePaints, paintTime, timePage } from "../lib/time_code.mjs";
import { sleep, until } from "../lib/wait.mjs";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    sound: { type: "string", default: "opus" },
    type: { type: "string", default: "image/jpeg" },
    fps: { type: "string", default: "15" },
  },
});
const MINUTES = Number(values.minutes);
const APART_MS = 40;
/** Pictures painted so near to a beep are held against it, in milliseconds. */
const NEAR_MS = 300;

/** In a page: pictures, and a beep every two seconds, whose times by the clock go to `window.beeps`. @param {any} wish */
async function publishInPage({ url, type, soundCodec, fps }) {
  const { publish } = await import(/** @type {any} */ ("/framewire.js"));
  const own = /** @type {any} */ (window);
  const audio = new AudioContext({ sampleRate: 48_000 });
  const oscillator = new OscillatorNode(audio, { frequency: 1000 });
  const gain = new GainNode(audio, { gain: 0 });
  const output = audio.createMediaStreamDestination();
  oscillator.connect(gain).connect(output);
  oscillator.start();
  own.beeps = [];
  /** The soonest that the context was at a time is when it was. @type {number[]} */
  let zeros = [];
  const note = () => zeros.push(performance.now() - audio.currentTime * 1000);
  setInterval(note, 7);
  let next = Math.ceil(audio.currentTime) + 1;
  setInterval(() => {
    if (audio.currentTime < next - 0.4) return;
    gain.gain.setValueAtTime(0.5, next);
    gain.gain.setValueAtTime(0, next + 0.1);
    own.beeps.push(performance.timeOrigin + Math.min(...zeros) + next * 1000);
    zeros = [];
    note();
    next += 2;
  }, 100);
  const options = { as: "pictures", type, fps, soundCodec, audio: output.stream };
  own.publication = publish(own.canvas, url, options);
  return true;
}

/** In a page: plays, and notes when beeps begin at the loudspeaker in `window.heard`. @param {string} url */
async function playInPage(url) {
  const { play } = await import(/** @type {any} */ ("/framewire.js"));
  const own = /** @type {any} */ (window);
  own.heard = [];
  const Real = AudioWorkletNode;
  let silentSince = 0;
  const listen = async (
    /** @type {AudioWorkletNode} */ node,
    /** @type {AudioContext} */ context,
  ) => {
    await context.audioWorklet.addModule("/sdk/sound_tap.js");
    const tap = new Real(context, "framewire-tap", { numberOfOutputs: 1 });
    node.connect(tap).connect(context.destination);
    tap.port.onmessage = ({ data: { planes, at } }) => {
      const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp();
      for (let i = 0; i < planes[0].length; i += 1) {
        if (Math.abs(planes[0][i]) < 0.1) continue;
        const time = at + i / context.sampleRate;
        if (time - silentSince > 0.5) {
          const ms = performanceTime + (time - contextTime) * 1000;
          own.heard.push(performance.timeOrigin + ms);
        }
        silentSince = time;
      }
    };
  };
  /** @type {any} */ (window).AudioWorkletNode = class extends Real {
    /** @param {AudioContext} context @param {string} name @param {any} options */
    constructor(context, name, options) {
      super(context, name, options);
      if (name === "framewire-sound") listen(this, context);
    }
  };
  const video = document.body.appendChild(document.createElement("video"));
  own.player = play(video, url);
  return true;
}

/** In a page: what `window[name]` has had since the last call. @param {string} name */
const takeInPage = (name) => /** @type {any} */ (window)[name].splice(0);

const server = await Server.start();
const browser = await launchChromium();
try {
  const publisher = await timePage(browser, server);
  const viewer = await timePage(browser, server);
  await publisher.evaluate(paintTime, { width: 320, height: 180 });
  await viewer.evaluate(notePaints);
  const { type, sound: soundCodec, fps } = values;
  const wish = { url: "/publish/sound", type, soundCodec, fps: Number(fps) };
  await publisher.evaluate(publishInPage, wish);
  await viewer.evaluate(playInPage, "/watch/sound");
  const heard = () => viewer.evaluate(() => /** @type {any} */ (window).heard.length > 0);
  await until(heard, "a beep", { ms: 60_000 });
  for (const name of ["heard", "delays"]) await viewer.evaluate(takeInPage, name);
  const began = Date.now();
  /** @type {number[]} */ let beeps = [];
  /** @type {{minute: number, middle: number}[]} */ const told = [];
  let worst = 0;
  for (let minute = 1; minute <= MINUTES; minute += 1) {
    await sleep(began + minute * 60_000 - Date.now());
    beeps = [...beeps.slice(-5), ...(await publisher.evaluate(takeInPage, "beeps"))];
    /** @type {[number, number][]} */ const paints = await viewer.evaluate(takeInPage, "delays");
    /** @type {number[]} */ const edges = await viewer.evaluate(takeInPage, "heard");
    /** Positive: the picture is later. @type {number[]} */ const offsets = [];
    /** @type {number[]} */ const soundDelays = [];
    for (const at of edges) {
      const from = beeps.findLast((beep) => beep < at);
      const near = paints.filter(([painted]) => Math.abs(painted - at) < NEAR_MS);
      if (from === undefined || near.length === 0) continue;
      soundDelays.push(at - from);
      offsets.push(median(near.map(([, delay]) => delay)) - (at - from));
    }
    const middle = median(offsets);
    const far = quantile(offsets.map(Math.abs), 1);
    worst = Math.max(worst, Math.abs(middle));
    told.push({ minute, middle });
    const stats = await viewer.evaluate(() => /** @type {any} */ (window).player.stats);
    console.log(
      `minute ${minute}: pictures ${middle.toFixed(1)} ms after their sound (${offsets.length} beeps, farthest ${far.toFixed(1)}), sound ${median(soundDelays).toFixed(0)} ms old, ${(paints.length / 60).toFixed(1)} pictures/s, ${stats.stalls} stalls, load ${loadavg()[0].toFixed(1)}`,
    );
  }
  const [first, last] = [told[0], told[told.length - 1]];
  console.log(
    `figure: ${type} and ${soundCodec}: A/V offset ${first.middle.toFixed(1)} ms at minute 1, ${last.middle.toFixed(1)} ms at minute ${last.minute}, the worst minute ${worst.toFixed(1)} (at most ${APART_MS})`,
  );
  process.exitCode = worst <= APART_MS ? 0 : 1;
} finally {
  await browser.close();
  await server.stop();
}
