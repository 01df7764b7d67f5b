/** The sink on a ManagedMediaSource (Safari on iPhone has nothing else), played by hand. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { canPlay, MseSink } from "../../player-web/sdk/mse_sink.js";

class FakeBuffer extends EventTarget {
  updating = false;
  mode = "";
  timestampOffset = 0;
  /** @type {any[]} */ calls = [];
  full = false;
  start = 0;
  removed = false;
  get buffered() {
    if (this.removed) throw new DOMException("removed from its source", "InvalidStateError");
    return { length: 1, start: () => this.start, end: () => 60 };
  }
  /** @param {Uint8Array} bytes */
  appendBuffer(bytes) {
    if (this.full) throw new DOMException("full", "QuotaExceededError");
    this.calls.push(["append", bytes.length]);
    this.updating = true;
  }
  /** @param {number} from @param {number} to */
  remove(from, to) {
    this.calls.push(["remove", from, to]);
    this.start = to;
    this.full = false;
    this.updating = true;
  }
  done() {
    this.updating = false;
    this.dispatchEvent(new Event("updateend"));
  }
}

class FakeSource extends EventTarget {
  static isTypeSupported = (/** @type {string} */ mime) => mime === "video/mp4";
  /** @type {FakeSource[]} */
  static all = [];
  readyState = "closed";
  duration = 0;
  buffer = new FakeBuffer();
  constructor() {
    super();
    FakeSource.all.push(this);
  }
  addSourceBuffer() {
    return this.buffer;
  }
  open() {
    this.readyState = "open";
    this.dispatchEvent(new Event("sourceopen"));
  }
  /** As a browser does on a decoder's error, before the element's own event. */
  close() {
    this.readyState = "closed";
    this.buffer.removed = true;
    this.dispatchEvent(new Event("sourceclose"));
  }
}

class FakeVideo extends EventTarget {
  currentTime = 0;
  disableRemotePlayback = false;
  error = null;
  /** Whether remote playback was off when the source was set. @type {boolean | null} */
  wasLocal = null;
  set src(/** @type {string} */ _url) {
    this.wasLocal = this.disableRemotePlayback;
  }
}
const makeUrl = URL.createObjectURL;
afterEach(() => {
  Object.assign(globalThis, { ManagedMediaSource: undefined, MediaSource: undefined });
  URL.createObjectURL = makeUrl;
});

function managed() {
  FakeSource.all = [];
  const Unused = class {
    constructor() {
      assert.fail("MediaSource where there is a ManagedMediaSource");
    }
  };
  Object.assign(globalThis, { ManagedMediaSource: FakeSource, MediaSource: Unused });
  URL.createObjectURL = () => "blob:fake";
  const element = new FakeVideo();
  /** @type {string[]} */ const failures = [];
  const sink = new MseSink(/** @type {any} */ (element), {
    beforeAppend() {},
    appended() {},
    failed: (why) => failures.push(why.message),
  });
  return { element, sink, source: FakeSource.all[0], failures };
}

test("it is preferred, and asked what it plays", () => {
  managed();
  assert.ok(canPlay("video/mp4"));
  assert.ok(!canPlay("video/webm"));
});

test("remote playback is off before the source is set, or it would never open", () => {
  const { element, sink } = managed();
  assert.equal(element.wasLocal, true);
  sink.close();
});

test("nothing is appended before it opens, all of it after, in order", () => {
  const { sink, source } = managed();
  sink.begin("video/mp4", new Uint8Array(10));
  sink.append(new Uint8Array(20), 0);
  assert.deepEqual(source.buffer.calls, []);
  source.open();
  assert.deepEqual(source.buffer.calls, [["append", 30]]);
  assert.equal(source.duration, Number.POSITIVE_INFINITY);
  sink.close();
});

test("a full buffer makes room behind the playhead and takes the rest then", () => {
  const { element, sink, source, failures } = managed();
  source.open();
  sink.begin("video/mp4", new Uint8Array(10));
  source.buffer.done();
  element.currentTime = 12;
  source.buffer.full = true;
  sink.append(new Uint8Array(20), 0);
  source.buffer.done();
  assert.deepEqual(source.buffer.calls, [
    ["append", 10],
    ["remove", 0, 11],
    ["append", 20],
  ]);
  assert.deepEqual(failures, []);
  sink.close();
});

test("a source that has closed has nothing buffered, and asking is no error", () => {
  const { sink, source } = managed();
  source.open();
  sink.begin("video/mp4", new Uint8Array(10));
  source.buffer.done();
  assert.equal(sink.end, 60);
  source.close();
  assert.deepEqual(sink.ranges, []);
  assert.equal(sink.end, 0);
  sink.append(new Uint8Array(20), 0);
  assert.deepEqual(source.buffer.calls, [["append", 10]]);
  sink.close();
});

test("without any Media Source Extensions the error says so", () => {
  assert.throws(() => new MseSink(/** @type {any} */ (new FakeVideo()), /** @type {any} */ ({})), {
    code: "unsupported-player",
  });
});
