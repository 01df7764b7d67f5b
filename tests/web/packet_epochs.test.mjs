/** Packets as one stream: when a header is said, and what is left out before it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PacketEpochs } from "../../player-web/sdk/packet_epochs.js";
import { readPackets } from "../../player-web/sdk/packets.js";

const SMALL = { codec: "vp8", codedWidth: 320, codedHeight: 180 };
const LARGE = { codec: "vp8", codedWidth: 640, codedHeight: 360 };
const OPUS = { codec: "opus", sampleRate: 48_000, numberOfChannels: 2 };
const ZERO = 1_000_000;

/** What the server gets of a play: `h` a header with its codecs, `K`, `d` pictures, `s` sound, with their times. */
class Play {
  /** @type {string[]} */ got = [];
  /** @param {boolean} [silent] */
  constructor(silent = false) {
    this.epochs = new PacketEpochs((bytes, { ptsUs }) => this.#note(bytes, ptsUs), silent);
  }
  /** @param {Uint8Array} bytes @param {number} ptsUs */
  #note(bytes, ptsUs) {
    const codecs = [];
    for (const record of readPackets(/** @type {any} */ (bytes))) {
      if ("config" in record) {
        const { codec, codedWidth } = /** @type {any} */ (record.config);
        codecs.push(codec + (codedWidth ?? ""));
      } else {
        const { type, timestamp, data } = record.chunk;
        assert.equal(timestamp, ptsUs);
        const kind = /** @type {any} */ (data)[0] === 9 ? "s" : type === "key" ? "K" : "d";
        this.got.push(`${kind}${record.track}@${timestamp}`);
      }
    }
    if (codecs.length > 0) this.got.push(`h ${codecs}`);
  }
  /** @param {'K' | 'd'} kind @param {number} at @param {any} [config] */
  picture(kind, at, config = null) {
    const key = kind === "K";
    const data = Uint8Array.of(1);
    const facts = { key, atUs: ZERO + at, durationUs: 0, data, config, encodeMs: 0 };
    return this.epochs.picture({ type: "packet", ...facts });
  }
  /** @param {number} at */
  sound(at) {
    return this.epochs.sound({ atUs: ZERO + at, durationUs: 10_000, data: Uint8Array.of(9) });
  }
}

test("a stream begins with a header at a key packet; what came before is left out", () => {
  const play = new Play();
  play.epochs.begin(ZERO);
  assert.equal(play.picture("d", 5), false);
  assert.equal(play.picture("K", 10, SMALL), true);
  play.picture("d", 20);
  play.picture("K", 30, SMALL);
  assert.deepEqual(play.got, ["h vp8320", "K0@10", "d0@20", "K0@30"]);
});

test("another size is another header; the same config is not", () => {
  const play = new Play();
  play.epochs.begin(ZERO);
  play.picture("K", 0, SMALL);
  play.picture("K", 10, { ...SMALL });
  play.picture("K", 20, LARGE);
  play.picture("d", 30);
  assert.deepEqual(play.got, ["h vp8320", "K0@0", "K0@10", "h vp8640", "K0@20", "d0@30"]);
});

test("sound that comes late waits for a key packet, which brings a header with both", () => {
  const play = new Play();
  play.epochs.begin(ZERO);
  play.picture("K", 0, SMALL);
  play.epochs.expectSound(OPUS);
  assert.equal(play.epochs.wantsKey, true);
  assert.equal(play.sound(5), false);
  play.picture("d", 10);
  play.picture("K", 20, SMALL);
  assert.equal(play.epochs.wantsKey, false);
  assert.equal(play.sound(25), true);
  assert.deepEqual(play.got, ["h vp8320", "K0@0", "d0@10", "h vp8320,opus", "K0@20", "s1@25"]);
});

test("begun anew it says all anew, and nothing from before its time 0", () => {
  const play = new Play();
  play.epochs.expectSound(OPUS);
  play.epochs.begin(ZERO);
  play.picture("K", 0, SMALL);
  play.epochs.begin(ZERO + 100);
  assert.equal(play.picture("K", 99, SMALL), false);
  assert.equal(play.sound(99), false);
  assert.equal(play.sound(105), false);
  assert.equal(play.picture("d", 110), false);
  play.picture("K", 120, SMALL);
  play.sound(130);
  assert.deepEqual(play.got.slice(2), ["h vp8320,opus", "K0@20", "s1@30"]);
});

test("sound alone is track 0, and needs no key packet", () => {
  const play = new Play(true);
  play.epochs.begin(ZERO);
  assert.equal(play.sound(0), false);
  play.epochs.expectSound(OPUS);
  play.sound(10);
  play.sound(20);
  assert.deepEqual(play.got, ["h opus", "s0@10", "s0@20"]);
});
