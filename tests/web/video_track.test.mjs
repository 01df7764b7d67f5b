/** A picture track beside a decoder that is played by hand: what it asks for when it cannot go on. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { VideoTrack } from "../../player-web/sdk/video_track.js";
import { playClock, realClock } from "./clock_by_hand.js";

class FakeDecoder {
  /** @type {FakeDecoder[]} */
  static all = [];
  state = "unconfigured";
  decodeQueueSize = 0;
  /** @type {string[]} */
  decoded = [];

  /** @param {{error: (error: unknown) => void}} port */
  constructor(port) {
    this.port = port;
    FakeDecoder.all.push(this);
  }
  configure() {
    this.state = "configured";
  }
  /** @param {{type: string}} chunk */
  decode({ type }) {
    this.decoded.push(type);
  }
  close() {
    this.state = "closed";
  }
}

const globals = /** @type {any} */ (globalThis);
let nowMs = 0;
beforeEach(() => {
  FakeDecoder.all = [];
  nowMs = 0;
  playClock(() => nowMs);
  globals.VideoDecoder = FakeDecoder;
  globals.EncodedVideoChunk = class {
    /** @param {{type: string}} of */
    constructor({ type }) {
      this.type = type;
    }
  };
});
afterEach(() => {
  realClock();
  delete globals.VideoDecoder;
  delete globals.EncodedVideoChunk;
});

/** A track, and what it has told. */
function begun() {
  /** @type {string[]} */
  const told = [];
  const track = new VideoTrack(({ type }) => told.push(type));
  track.configure({ codec: "vp8", codedWidth: 16, codedHeight: 16 });
  /** @param {'key' | 'delta'} type */
  const decode = (type) =>
    track.decode({ type, ptsUs: nowMs * 1000, data: new Uint8Array(1), hidden: false, at: nowMs });
  return { told, decode, asked: () => told.filter((type) => type === "wantsKey").length };
}

test("behind by much, it asks for a key packet each second until it has one", () => {
  const { told, decode, asked } = begun();
  decode("key");
  decode("delta");
  assert.deepEqual(told, []);
  const [decoder] = FakeDecoder.all;
  decoder.decodeQueueSize = 91;
  for (nowMs = 100; nowMs < 2_500; nowMs += 100) decode("delta");
  assert.equal(asked(), 3);
  assert.deepEqual(decoder.decoded, ["key", "delta"]);
  decoder.decodeQueueSize = 0;
  decode("key");
  for (; nowMs < 5_000; nowMs += 100) decode("delta");
  assert.equal(asked(), 3);
});

test("a decoder that has died is followed by another, for which a key packet is asked", () => {
  const { decode, asked } = begun();
  decode("key");
  FakeDecoder.all[0].state = "closed";
  FakeDecoder.all[0].port.error(new Error("EncodingError"));
  assert.equal(asked(), 0);
  decode("delta");
  assert.equal(asked(), 1);
  assert.equal(FakeDecoder.all.length, 2);
  decode("key");
  assert.deepEqual(FakeDecoder.all[1].decoded, ["key"]);
});
