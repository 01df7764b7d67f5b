/** The queue of samples before the loudspeaker, its thread played by hand: 48 kHz, 128 samples a call, pieces of 10 ms. */
import assert from "node:assert/strict";
import { test } from "node:test";

const RATE = 48_000;
const PIECE = 480;
const own = /** @type {any} */ (globalThis);
own.AudioWorkletProcessor = class {
  port = { postMessage: () => {}, onmessage: (/** @type {any} */ _event) => {} };
};
/** @type {any} */ let Processor;
own.registerProcessor = (/** @type {string} */ _name, /** @type {any} */ made) => {
  Processor = made;
};
own.sampleRate = RATE;
own.currentTime = 0;
const name = "../../player-web/sdk/sound_worklet.js";
await import(name);

/** A player, and what is put in and taken out. @param {number} targetMs */
function open(targetMs) {
  const processor = new Processor({ processorOptions: { targetMs } });
  const out = [[new Float32Array(128), new Float32Array(128)]];
  let pushed = 0;
  let calls = 0;
  return {
    processor,
    /** @param {number} count of pieces */
    push(count) {
      for (let n = 0; n < count; n += 1) {
        const planes = [new Float32Array(PIECE)];
        const data = { planes, rate: RATE, ptsUs: pushed * 10_000 };
        processor.port.onmessage({ data });
        pushed += 1;
      }
    },
    /** So long, fed in time but for those that are late. @param {number} seconds @param {(piece: number) => boolean} [late] */
    run(seconds, late = () => false) {
      let owed = 0;
      for (const until = calls + (seconds * RATE) / 128; calls < until; calls += 1) {
        if ((calls * 128) % PIECE < 128) {
          owed += 1;
          if (!late(Math.floor((calls * 128) / PIECE))) {
            this.push(owed);
            owed = 0;
          }
        }
        processor.process([], out);
        own.currentTime += 128 / RATE;
      }
    },
    get bufferedMs() {
      return processor.bufferedMs();
    },
  };
}

test("a backlog at the start is gone within a second", () => {
  const player = open(25);
  player.push(2);
  player.run(0.1);
  player.push(40); // what has waited for a busy page
  player.run(1);
  assert.ok(player.bufferedMs < 60, `${player.bufferedMs} ms`);
});

test("who ran dry while the page opened waits no longer after that", () => {
  const player = open(25);
  player.run(3.5, (piece) => piece % 60 > 45 && piece < 200);
  const { dry, target } = player.processor;
  assert.ok(dry > 0);
  assert.equal(target, 25);
  player.run(20);
  assert.ok(player.bufferedMs < 60, `${player.bufferedMs} ms`);
});

test("who runs dry later waits for longer, and for less again when all is calm", () => {
  const player = open(25);
  player.run(5);
  player.run(2, (piece) => piece % 60 > 45);
  const raised = player.processor.target;
  assert.ok(raised > 25, `${raised}`);
  player.run(60);
  assert.ok(player.processor.target < raised);
});
