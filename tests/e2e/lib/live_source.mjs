/**
 * A publisher that never ends: WebM made here, a keyframe a second, each frame a known pattern, so
 * that every viewer can say which frames it has. Not decodable; structure is all a relay looks at.
 */
import { V1Publisher } from "./publisher.mjs";
import { sleep, until } from "./wait.mjs";

/** @param {number[]} id @param {Buffer} body */
function element(id, body) {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(body.length));
  size[0] |= 0x01;
  return Buffer.concat([Buffer.from(id), size, body]);
}
/** @param {number} value */
const u8 = (value) => Buffer.from([value]);
/** @param {number} value */
function u32(value) {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
}
const UNKNOWN = Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);

/** EBML header to Tracks: one VP8 track of 64x64. */
export function webmHeader() {
  const ebml = element(
    [0x1a, 0x45, 0xdf, 0xa3],
    Buffer.concat([
      element([0x42, 0x86], u8(1)),
      element([0x42, 0xf7], u8(1)),
      element([0x42, 0xf2], u8(4)),
      element([0x42, 0xf3], u8(8)),
      element([0x42, 0x82], Buffer.from("webm")),
      element([0x42, 0x87], u8(4)),
      element([0x42, 0x85], u8(2)),
    ]),
  );
  const video = element([0xe0], Buffer.concat([element([0xb0], u8(64)), element([0xba], u8(64))]));
  const entry = element(
    [0xae],
    Buffer.concat([
      element([0xd7], u8(1)),
      element([0x73, 0xc5], u8(1)),
      element([0x83], u8(1)),
      element([0x86], Buffer.from("V_VP8")),
      video,
    ]),
  );
  const info = element(
    [0x15, 0x49, 0xa9, 0x66],
    Buffer.concat([
      element([0x2a, 0xd7, 0xb1], u32(1_000_000)),
      element([0x4d, 0x80], Buffer.from("test")),
      element([0x57, 0x41], Buffer.from("test")),
    ]),
  );
  return Buffer.concat([
    ebml,
    Buffer.from([0x18, 0x53, 0x80, 0x67]),
    UNKNOWN,
    info,
    element([0x16, 0x54, 0xae, 0x6b], entry),
  ]);
}

/** @param {number} timeMs */
export const clusterHeader = (timeMs) =>
  Buffer.concat([Buffer.from([0x1f, 0x43, 0xb6, 0x75]), UNKNOWN, element([0xe7], u32(timeMs))]);

/** @param {number} index @param {number} relativeMs @param {boolean} key @param {number} bytes */
export function simpleBlock(index, relativeMs, key, bytes) {
  const frame = Buffer.alloc(Math.max(bytes, 16), index & 0xff);
  // A VP8 frame tag: the lowest bit is 0 for a keyframe, then a start code and the size.
  if (key) Buffer.from([0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 64, 0, 64, 0]).copy(frame);
  else frame[0] = 0x11;
  frame.writeUInt32BE(index, frame.length - 4);
  const head = Buffer.from([0x81, relativeMs >> 8, relativeMs & 0xff, key ? 0x80 : 0]);
  return element([0xa3], Buffer.concat([head, frame]));
}

/** The frame numbers in a stream of blocks made above. @param {Buffer} bytes @param {import('./webm.mjs').Layout} layout */
export function frameIndexes(bytes, layout) {
  return layout.blocks.map((block) => bytes.readUInt32BE(block.start + block.size - 4));
}

/**
 * @typedef {object} SourceOptions
 * @property {number} [messagesPerSecond] default 30
 * @property {number} [bytes] per frame, default 8,000
 * @property {number} [keyEvery] frames, default one second's
 * @property {import('./publisher.mjs').Extra} [extra]
 */

export class LiveSource {
  frames = 0;
  #running = true;
  /** @type {Promise<void>} */ #loop = Promise.resolve();

  /** @param {V1Publisher} publisher @param {SourceOptions} options */
  constructor(publisher, options) {
    this.publisher = publisher;
    this.rate = options.messagesPerSecond ?? 30;
    this.bytes = options.bytes ?? 8000;
    this.keyEvery = options.keyEvery ?? this.rate;
  }

  /** @param {import('./server.mjs').Server} server @param {string} stream @param {SourceOptions} [options] */
  static async start(server, stream, options = {}) {
    const publisher = await V1Publisher.open(server, stream, {}, options.extra);
    const source = new LiveSource(publisher, options);
    await publisher.send(webmHeader());
    source.#loop = source.#run();
    return source;
  }

  /** The next message: a block, with a Cluster header in front of each keyframe. */
  next() {
    const index = this.frames++;
    const timeMs = Math.floor((index * 1000) / this.rate);
    const key = index % this.keyEvery === 0;
    const clusterMs = Math.floor(((index - (index % this.keyEvery)) * 1000) / this.rate);
    const block = simpleBlock(index, timeMs - clusterMs, key, this.bytes);
    return key ? Buffer.concat([clusterHeader(clusterMs), block]) : block;
  }

  async #run() {
    const start = Date.now();
    while (this.#running && !this.publisher.ws.closedWith) {
      const due = start + (this.frames * 1000) / this.rate;
      if (due > Date.now()) await sleep(due - Date.now());
      if (this.#running) await this.publisher.send(this.next());
    }
  }

  /** @param {() => any} condition @param {string} what @param {number} [ms] */
  until(condition, what, ms = 30_000) {
    return until(condition, what, { ms, every: 50 });
  }

  /** Waits for the frame with this number to have been sent. @param {number} count */
  untilFrames(count) {
    return this.until(() => this.frames >= count, `frame ${count}`, 120_000);
  }

  async stop() {
    this.#running = false;
    await this.#loop;
    return this.publisher.end();
  }
}
