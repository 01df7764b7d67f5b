/** The publication beside a browser's oddities: a recorder, tracks and a server that are played by hand. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import "./globals.js";
import { publish } from "../../player-web/sdk/publish.js";

let tracks = 0;
class FakeTrack {
  readyState = "live";
  /** @param {string} kind */
  constructor(kind) {
    tracks += 1;
    this.id = `track${tracks}`;
    this.kind = kind;
  }
  getSettings() {
    return this.kind === "video" ? { width: 640, height: 360 } : {};
  }
  stop() {
    this.readyState = "ended";
  }
}

class FakeStream {
  /** @param {FakeTrack[]} tracks */
  constructor(tracks) {
    this.tracks = tracks;
  }
  getTracks() {
    return this.tracks;
  }
}

/** A MediaRecorder that does what it is told, and notes what it was asked. */
class FakeRecorder {
  /** @type {FakeRecorder[]} */
  static all = [];
  static isTypeSupported = (/** @type {string} */ type) => /^(video|audio)\/webm/.test(type);
  /** @type {any} */ ondataavailable = null;
  /** @type {any} */ onerror = null;
  /** @type {any} */ onstop = null;
  state = "inactive";
  asked = 0;
  finishes = true;

  /** @param {FakeStream} stream @param {any} options */
  constructor(stream, options) {
    this.stream = stream;
    this.options = options;
    FakeRecorder.all.push(this);
  }
  start() {
    this.state = "recording";
  }
  requestData() {
    this.asked += 1;
  }
  stop() {
    this.state = "inactive";
    if (this.finishes) queueMicrotask(() => this.onstop());
  }
  /** @param {number} size */
  give(size) {
    this.ondataavailable({ data: new Blob([new Uint8Array(size)]) });
  }
  /** As Chromium: inactive first, then the error, then `stop`. @param {string} name */
  fail(name) {
    this.state = "inactive";
    this.onerror({ error: new DOMException("no", name) });
    queueMicrotask(() => this.onstop());
  }
}

/** A server's end of a socket. */
class FakeSocket {
  static OPEN = 1;
  static CONNECTING = 0;
  /** @type {FakeSocket[]} */
  static all = [];
  readyState = 0;
  /** @type {any} */ onopen = null;
  /** @type {any} */ onmessage = null;
  /** @type {any} */ onclose = null;
  /** @type {any[]} */ said = [];
  /** @type {Uint8Array[]} */ media = [];

  constructor() {
    FakeSocket.all.push(this);
    queueMicrotask(() => {
      this.readyState = 1;
      this.onopen?.();
    });
  }
  /** @param {any} data */
  send(data) {
    if (typeof data === "string") this.said.push(JSON.parse(data));
    else this.media.push(data);
  }
  close() {
    this.readyState = 3;
  }
  /** @param {object} message */
  tell(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }
}

const real = { MediaRecorder: globalThis.MediaRecorder, WebSocket: globalThis.WebSocket };
/** @type {any[]} */ let publications = [];
beforeEach(() => {
  FakeRecorder.all = [];
  FakeSocket.all = [];
  Object.assign(globalThis, {
    MediaRecorder: FakeRecorder,
    MediaStream: FakeStream,
    WebSocket: FakeSocket,
  });
});
afterEach(async () => {
  for (const publication of publications) {
    for (const recorder of FakeRecorder.all) recorder.finishes = true;
    publication.stop();
    FakeSocket.all.at(-1)?.close();
    await publication.closed;
  }
  publications = [];
  Object.assign(globalThis, real);
});

/** @param {() => any} ask */
async function soon(ask) {
  for (let i = 0; i < 400; i += 1) {
    if (ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`not so: ${ask}`);
}

/** @param {FakeTrack[]} tracks @param {object} [options] */
async function live(tracks, options) {
  const stream = new FakeStream(tracks);
  const publication = publish(/** @type {any} */ (stream), "http://host/publish/cam", options);
  publications.push(publication);
  /** @type {any[]} */
  const warnings = [];
  publication.on("warning", ({ code }) => warnings.push(code));
  await soon(() => FakeSocket.all.at(-1)?.said.length);
  FakeSocket.all.at(-1)?.tell({ type: "ready", token: "t", sequence: 0, sender: "0-1" });
  assert.equal(publication.state, "live");
  return { publication, stream, warnings };
}

test("a dead track is not recorded: sound that never comes keeps Firefox from finishing", async () => {
  const [camera, microphone] = [new FakeTrack("video"), new FakeTrack("audio")];
  microphone.stop();
  await live([camera, microphone]);
  const [recorder] = FakeRecorder.all;
  assert.equal(recorder.options.mimeType, "video/webm;codecs=vp8");
  assert.deepEqual(recorder.stream.getTracks(), [camera]);
});

test("a camera that is lost: the sound goes on in a new recording, and the page is told", async () => {
  const [camera, microphone] = [new FakeTrack("video"), new FakeTrack("audio")];
  const { warnings } = await live([camera, microphone]);
  camera.stop();
  await soon(() => FakeRecorder.all.length === 2);
  assert.deepEqual(warnings, ["source-changed"]);
  assert.equal(FakeRecorder.all[0].state, "inactive");
  assert.equal(FakeRecorder.all[1].options.mimeType, "audio/webm;codecs=opus");
});

test("a track that is added is recorded too", async () => {
  const { stream } = await live([new FakeTrack("video")]);
  stream.tracks = [...stream.tracks, new FakeTrack("audio")];
  await soon(() => FakeRecorder.all.length === 2);
  assert.equal(FakeRecorder.all[1].options.mimeType, "video/webm;codecs=vp8,opus");
});

test("a source that takes another's place is no change of its tracks", async () => {
  const { publication, warnings } = await live([new FakeTrack("video")]);
  FakeRecorder.all[0].finishes = false; // it takes its time
  const next = new FakeStream([new FakeTrack("video"), new FakeTrack("audio")]);
  publication.replace(/** @type {any} */ (next));
  await new Promise((resolve) => setTimeout(resolve, 600)); // the source is looked at meanwhile
  assert.deepEqual(warnings, []);
});

test("all tracks are gone: the stream ends by itself, after its last data", async () => {
  const camera = new FakeTrack("video");
  const { publication } = await live([camera]);
  camera.stop();
  await soon(() => FakeRecorder.all[0].state === "inactive");
  FakeSocket.all[0].close();
  assert.equal(await publication.closed, null);
  assert.equal(publication.state, "ended");
});

test("a recorder that fails is followed by another: a resized canvas, a changed track", async () => {
  for (const name of ["UnknownError", "InvalidModificationError"]) {
    const before = FakeRecorder.all.length;
    const { publication } = await live([new FakeTrack("video")]);
    FakeRecorder.all[before].fail(name);
    await soon(() => FakeRecorder.all.length === before + 2);
    assert.equal(publication.state, "live");
    assert.equal(publication.stats.recordings, 2);
  }
});

test("a recorder that keeps failing ends the stream with its reason", async () => {
  const { publication } = await live([new FakeTrack("video")]);
  for (let i = 0; i < 9; i += 1) {
    await soon(() => FakeRecorder.all.length === i + 1);
    FakeRecorder.all[i].fail("UnknownError");
  }
  const why = await publication.closed;
  assert.equal(why?.code, "recorder-failed");
  assert.equal(/** @type {any} */ (why).cause.name, "UnknownError");
});

test("a recorder that never finishes does not keep stop() waiting", async () => {
  const { publication } = await live([new FakeTrack("video")], { stopTimeoutMs: 10 });
  FakeRecorder.all[0].finishes = false;
  FakeRecorder.all[0].give(100);
  await soon(() => FakeSocket.all[0].media.length === 1);
  assert.equal(await publication.stop(), null);
  assert.deepEqual(FakeSocket.all[0].said.at(-1), { type: "end" });
});

test("empty chunks are no messages, and order is kept", async () => {
  await live([new FakeTrack("video")]);
  const [recorder] = FakeRecorder.all;
  for (const size of [0, 300, 0, 100, 0, 200]) recorder.give(size);
  await soon(() => FakeSocket.all[0].media.length === 3);
  assert.deepEqual(
    FakeSocket.all[0].media.map((message) => message.length - 32),
    [300, 100, 200],
  );
});

test("a painter that pauses: what the recorder holds back is asked for", async () => {
  await live([new FakeTrack("video")]);
  FakeRecorder.all[0].give(100);
  await soon(() => FakeRecorder.all[0].asked > 0);
});

test("a chunk that cannot be read tears the stream: another takes its place, and stop() does not hang", async () => {
  const { publication } = await live([new FakeTrack("video")]);
  const [recorder] = FakeRecorder.all;
  recorder.give(300);
  recorder.ondataavailable({
    data: { size: 9, arrayBuffer: () => Promise.reject(new Error("gone")) },
  });
  recorder.give(200);
  await soon(() => FakeSocket.all.length === 2 && FakeSocket.all[1].said.length);
  assert.equal(FakeSocket.all[0].media.length, 1, "nothing of it follows the hole");
  const hello = FakeSocket.all[1].said[0];
  assert.deepEqual([hello.type, hello.replaces], ["publish", "t"]);
  FakeSocket.all[1].tell({ type: "ready", token: "u", sequence: 0, sender: "0-2" });
  assert.equal(FakeRecorder.all.length, 2);
  FakeRecorder.all[1].give(100);
  await soon(() => FakeSocket.all[1].media.length === 1);
  FakeSocket.all[1].tell({ type: "ack", sequence: 0 });
  publication.stop();
  await soon(() => FakeSocket.all[1].said.at(-1).type === "end");
});

test("chunks that can never be read end it, with the reason", async () => {
  const { publication } = await live([new FakeTrack("video")]);
  const unreadable = { size: 9, arrayBuffer: () => Promise.reject(new Error("gone")) };
  for (let i = 0; i < 9; i += 1) {
    await soon(() => FakeRecorder.all.length === i + 1);
    FakeRecorder.all[i].ondataavailable({ data: unreadable });
    if (i === 8) break;
    await soon(() => FakeSocket.all.length === i + 2 && FakeSocket.all[i + 1].said.length);
    FakeSocket.all[i + 1].tell({ type: "ready", token: "u", sequence: 0, sender: "0-2" });
  }
  const why = await publication.closed;
  assert.equal(why?.code, "recorder-failed");
});

test("too slow: the next stream does not wait for what the old socket still holds", async () => {
  await live([new FakeTrack("video")], { bufferBytes: 1000 });
  const [old] = FakeSocket.all;
  old.tell({ type: "ready", token: "t", sequence: 0, limits: { unacked_bytes: 4096 } });
  for (let i = 0; i < 8; i += 1) FakeRecorder.all.at(-1)?.give(1000);
  // The old one never says that it is closed: its data is still on the way.
  await soon(() => FakeSocket.all.length === 2 && FakeSocket.all[1].said.length);
  assert.equal(FakeSocket.all[1].said[0].type, "publish");
  assert.equal(FakeSocket.all[1].said[0].replaces, "t", "so that the server lets the old one go");
});

test("another source takes over without a new connection", async () => {
  const { publication } = await live([new FakeTrack("video")]);
  const other = new FakeTrack("video");
  publication.replace(/** @type {any} */ (new FakeStream([other])));
  await soon(() => FakeRecorder.all.length === 2);
  assert.deepEqual(FakeRecorder.all[1].stream.getTracks(), [other]);
  assert.equal(FakeSocket.all.length, 1);
});

test("a page that is left ends its stream; one that is kept publishes anew when it is back", async () => {
  const page = new EventTarget();
  const { addEventListener, removeEventListener } = globalThis;
  Object.assign(globalThis, {
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
  });
  try {
    const { publication } = await live([new FakeTrack("video")]);
    const [first] = FakeSocket.all;
    page.dispatchEvent(Object.assign(new Event("pagehide"), { persisted: true }));
    assert.deepEqual(first.said.at(-1), { type: "end" });
    assert.equal(first.readyState, 3, "no ghost is left");
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(FakeSocket.all.length, 1, "and none comes while the page is away");
    page.dispatchEvent(new Event("pageshow"));
    await soon(() => FakeSocket.all.length === 2 && FakeSocket.all[1].said.length);
    const hello = FakeSocket.all[1].said[0];
    assert.deepEqual([hello.type, hello.replaces], ["publish", undefined]);
    FakeSocket.all[1].tell({ type: "ready", token: "u", sequence: 0, sender: "0-2" });
    assert.equal(publication.state, "live");
    assert.equal(FakeRecorder.all.length, 2, "from the beginning of a film");
    page.dispatchEvent(new Event("pagehide"));
    assert.deepEqual(FakeSocket.all[1].said.at(-1), { type: "end" });
    page.dispatchEvent(new Event("pageshow"));
    assert.equal(FakeSocket.all.length, 2);
  } finally {
    Object.assign(globalThis, { addEventListener, removeEventListener });
  }
});

test("the hello says what the page asked for", async () => {
  await live([new FakeTrack("video")], { title: "T", record: true });
  assert.deepEqual(FakeSocket.all[0].said[0], {
    type: "publish",
    format: "webm",
    mime: "video/webm;codecs=vp8",
    width: 640,
    height: 360,
    title: "T",
    record: true,
  });
});

const refused = /** @type {[string, any, string][]} */ ([
  ["nothing", undefined, "bad-source"],
  ["a string", "camera", "bad-source"],
  ["a stream whose tracks have ended", new FakeStream([]), "bad-source"],
  ["an empty file", new Blob([]), "unsupported-file"],
]);
for (const [name, source, code] of refused) {
  test(`refused at once: ${name}`, () => {
    assert.throws(() => publish(source, "http://host/publish/cam"), { code });
    assert.equal(FakeSocket.all.length, 0);
  });
}

test("without a MediaRecorder the error says what can be done", () => {
  Object.assign(globalThis, { MediaRecorder: undefined });
  const stream = /** @type {any} */ (new FakeStream([new FakeTrack("video")]));
  assert.throws(() => publish(stream, "http://host/publish/cam"), {
    code: "unsupported-recorder",
    message: /OffscreenCanvas/,
  });
});
