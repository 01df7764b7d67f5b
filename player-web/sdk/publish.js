import { AlphaProbe } from "./alpha_probe.js";
import { BitrateGovernor } from "./bitrate.js";
import { Emitter } from "./emitter.js";
import { FramewireError } from "./errors.js";
import { Link } from "./link.js";
import { SideChannel } from "./side_channel.js";
import { openSource } from "./sources.js";
import { locate } from "./urls.js";
import { SendWindow } from "./window.js";

/**
 * @typedef {object} PublishOptions
 * @property {string} [token] publish key; default: `?token=` of the URL
 * @property {'webm' | 'mp4'} [format] container to record; default webm where the browser has it
 * @property {'vp8' | 'vp9' | 'av1' | 'h264'} [codec] of the picture; default: what this browser does well at
 *   this size. `h264` is recorded as MP4
 * @property {string} [title] of the stream, for people; default none
 * @property {boolean} [record] ask the server to record the stream, if it records; default false
 * @property {number} [frameRate] pictures a second taken of a canvas; default 30
 * @property {number} [timesliceMs] how often the recorder hands out data, in milliseconds; default 100
 * @property {number} [keyframeMs] time between keyframes in milliseconds, honoured by Chromium; default
 *   1000, MP4 500
 * @property {number} [videoBitsPerSecond] the most; less is used while the connection is slow; default
 *   2500000
 * @property {number} [audioBitsPerSecond] default 64000
 * @property {boolean} [adaptive] lower the bitrate while acknowledgements lag, and raise it again; default
 *   true
 * @property {number} [bufferBytes] what may wait while the connection is slow or away, before the
 *   recording starts anew, in bytes; default 8388608
 * @property {number} [stopTimeoutMs] how long stop() waits for the last data to arrive, in milliseconds;
 *   default 3000
 *
 * @property {string} [name] what the publisher is called in the side channel, at most 64 bytes; default none
 *
 * @typedef {'connecting' | 'live' | 'reconnecting' | 'ended' | 'error'} PublishState
 *
 * @typedef {object} RecordingNews
 * @property {'recording' | 'stopped' | 'failed'} state
 * @property {string} [code] why it failed (PROTOCOL.md, "Publisher")
 * @property {string} [message] the same as a sentence
 *
 * @typedef {object} RecordedFile
 * @property {string} url of the file, on the server
 * @property {number} bytes
 * @property {number} duration_ms
 *
 * @typedef {object} PublicationEvents
 * @property {PublishState} state the new one
 * @property {number} viewers how many there are now
 * @property {import('./side_channel.js').SideMessage} message somebody said something, you included
 * @property {import('./side_channel.js').Muting} mutedsender a sender is muted, or no longer
 * @property {number} bitrate videoBitsPerSecond has changed to this
 * @property {{code: string, message: string}} warning the stream goes on. The server's, and `alpha`,
 *   `no-data`, `source-changed` of this SDK
 * @property {RecordingNews} recording the server began, stopped or failed to record this stream
 * @property {RecordedFile} recorded a recording of this stream can be fetched
 * @property {FramewireError} error the end, and why
 */

/** So many failed recordings within RESTART_SPAN_MS, and it is no accident. */
const RESTARTS_MOST = 8;
const RESTART_SPAN_MS = 10_000;
/** What `bitsPerSecond` looks back on, in milliseconds. */
const RATE_SPAN_MS = 3_000;
/** A lost stream is missed by all its viewers, so it is not long between attempts; in milliseconds. */
const RETRY_MOST_MS = 2_500;
/** How often source and connection are looked at, in milliseconds. */
const WATCH_MS = 500;
/** A source that gives nothing for so long gets a warning, in milliseconds. */
const NO_DATA_MS = 5_000;
/** Acknowledgements say nothing of the bitrate so soon after a new connection, in milliseconds. */
const CATCH_UP_MS = 3_000;
/** How long a server may take to miss a connection of ours that is gone, in milliseconds. */
const OWN_GHOST_MS = 60_000;

/**
 * A stream being published. Events: those of PublicationEvents, by `on(type, listener)` or, as the `detail`
 * of a CustomEvent, by `addEventListener`.
 *
 * @extends {Emitter<PublicationEvents>}
 */
export class Publication extends Emitter {
  /** @type {import('./sources.js').Source} */
  #source;
  #place;
  #options;
  #window = new SendWindow();
  #link;
  /** @type {import('./sources.js').Run | null} */
  #run = null;
  #alpha = new AlphaProbe();
  #lastChunkAt = performance.now();
  #watchTimer;
  /** @type {PublishState} */
  #state = "connecting";
  #token = "";
  #side;
  #stopping = false;
  #governor;
  /** @type {number[]} */
  #restarts = [];
  #viewers = 0;
  #ackedBytes = 0;
  #lastLiveAt = Number.NEGATIVE_INFINITY;
  #liveSince = 0;
  #recordings = 0;
  #reconnects = 0;
  /** @type {{at: number, bytes: number}[]} */
  #rate = [];
  /** @type {(why: FramewireError | null) => void} */
  #resolveClosed = () => {};
  #wake = () => {};

  /**
   * @param {import('./sources.js').PublishSource} source
   * @param {string | URL} url
   * @param {PublishOptions} [options]
   */
  constructor(source, url, options = {}) {
    super();
    this.#options = options;
    this.#place = locate(url, { token: options.token });
    this.#source = openSource(source, options);
    this.#governor = new BitrateGovernor(options.videoBitsPerSecond ?? 2_500_000);
    /** Resolves with null after stop(), with the error otherwise. Never rejects. */
    this.closed = new Promise((/** @type {(why: FramewireError | null) => void} */ resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#side = new SideChannel(options.name ?? "", (message) => this.#link.send(message));
    globalThis.addEventListener?.("pagehide", this.#onPageHide);
    this.#watchTimer = setInterval(() => this.#watch(), WATCH_MS);
    this.#link = new Link({
      url: this.#place.publishSocket,
      retryMostMs: RETRY_MOST_MS,
      opened: () => this.#link.send(this.#hello()),
      text: (message) => this.#onText(message),
      lost: () => {
        this.#reconnects += 1;
        if (this.#state === "live") this.#lastLiveAt = performance.now();
        this.#setState("reconnecting");
        this.#wake();
      },
      refused: (why) => this.#end(why),
      // Our own lost connection, which the server has not missed yet, may be what takes the name.
      mayRetry: ({ code }) =>
        code === "stream-taken" && performance.now() - this.#lastLiveAt < OWN_GHOST_MS,
    });
  }

  get state() {
    return this.#state;
  }

  /** A page that is left ends its stream; only a lost one lingers. */
  #onPageHide = (/** @type {PageTransitionEvent} */ event) => {
    if (!event.persisted) this.#link.send({ type: "end" });
  };

  /** Where to send a viewer. */
  get watchUrl() {
    return this.#place.watchUrl();
  }

  get stats() {
    this.#forgetOldRate();
    const oldest = this.#rate[0];
    const seconds = oldest ? (performance.now() - oldest.at) / 1000 : 0;
    const bytes = this.#rate.reduce((sum, { bytes }) => sum + bytes, 0);
    return {
      mimeType: this.#source.mimeType,
      viewers: this.#viewers,
      ackedBytes: this.#ackedBytes,
      /** Arrived at the server over the last seconds. */
      bitsPerSecond: seconds > 0.5 ? Math.round((bytes * 8) / seconds) : 0,
      /** What is recorded with now: the option, or less while the connection is slow. */
      videoBitsPerSecond: this.#governor.bits,
      /** How old the oldest data is that the server has not acknowledged, in milliseconds. */
      lagMs: Math.round(this.#window.lagMs(performance.now())),
      unackedBytes: this.#window.unackedBytes,
      unsentBytes: this.#window.unsentBytes,
      recordings: this.#recordings,
      reconnects: this.#reconnects,
    };
  }

  /** What the side channel calls this publisher: the `sender` of its messages. */
  get sender() {
    return this.#side.sender;
  }

  /**
   * Says something to all viewers; it comes back as a `message` to everybody, the sender included. What
   * the server does not pass on (too long, too many) it says by a `warning`.
   *
   * @param {unknown} data any JSON value
   * @param {import('./side_channel.js').SendOptions} [options]
   */
  send(data, options) {
    this.#side.send(data, options);
  }

  /**
   * Nothing more of a sender is passed on, for as long as its connection lasts.
   *
   * @param {string} sender of a `message`
   * @param {boolean} [muted] false = let it speak again; default true
   */
  mute(sender, muted = true) {
    this.#side.mute(sender, muted);
  }

  /** Ends the stream after its last data arrived (or `stopTimeoutMs`). Then its name is free again. */
  async stop() {
    if (this.#stopping || this.#state === "ended" || this.#state === "error") return this.closed;
    this.#stopping = true;
    await this.#run?.stop();
    this.#flush();
    const deadline = performance.now() + (this.#options.stopTimeoutMs ?? 3_000);
    while (!this.#window.empty && this.#link.open && performance.now() < deadline) {
      await new Promise((resolve) => {
        this.#wake = () => resolve(undefined);
        setTimeout(resolve, 100);
      });
    }
    this.#link.send({ type: "end" });
    this.#end(null);
    return this.closed;
  }

  /**
   * Goes on with another source, say another camera: viewers stay and see it next.
   *
   * @param {import('./sources.js').PublishSource} source
   */
  replace(source) {
    const before = this.#source;
    this.#source = openSource(source, this.#options);
    before.close();
    this.#alpha = new AlphaProbe();
    if (!this.#run) return;
    if (this.#source.format === before.format && before.format) this.#run.stop();
    else this.#publishAnewOnNewSocket("replaced");
  }

  #hello() {
    if (this.#token && this.#run) return { type: "resume", token: this.#token };
    const { width, height } = this.#source.size;
    const { title, record } = this.#options;
    return {
      type: "publish",
      format: this.#source.format || undefined,
      mime: this.#source.mimeType || undefined,
      width,
      height,
      title,
      record,
      // Our own lost connection, if the server has not missed it yet, gives way.
      replaces: this.#token || undefined,
    };
  }

  /** @param {import('./link.js').Message} message */
  #onText(message) {
    switch (message.type) {
      case "ready":
        this.#onReady(message);
        break;
      case "ack": {
        const bytes = this.#window.acknowledge(message.sequence);
        this.#countAcked(bytes);
        this.#flush();
        this.#wake();
        break;
      }
      case "viewers":
        this.#viewers = message.count;
        this.emit("viewers", message.count);
        break;
      case "message":
        this.emit("message", this.#side.read(message));
        break;
      case "muted":
        this.emit("mutedsender", { sender: message.sender, muted: message.muted });
        break;
      case "recording":
        this.emit("recording", /** @type {any} */ (message));
        break;
      case "recorded":
        this.emit("recorded", /** @type {any} */ (message));
        break;
      case "warning":
        this.emit("warning", { code: message.code, message: message.message });
        break;
      case "error":
        if (message.code === "resume-unknown") this.#publishAnew();
        break;
    }
  }

  /** @param {import('./link.js').Message} ready */
  #onReady(ready) {
    this.#token = ready.token ?? "";
    this.#side.named(ready.sender ?? "");
    this.#window.setLimits(ready.limits ?? {});
    if (ready.resumed) {
      if (!this.#window.resume(ready.sequence ?? 0)) {
        this.#publishAnewOnNewSocket("resume-gap");
        return;
      }
    } else {
      this.#window.restart(ready.sequence ?? 0);
      if (!this.#stopping) this.#record();
    }
    this.#setState("live");
    this.#flush();
  }

  /** The server has forgotten us: a recording cannot be joined in the middle, so begin another. */
  #publishAnew() {
    this.#token = "";
    this.#discardRecording();
    this.#link.send(this.#hello());
  }

  /**
   * What was recorded cannot be sent whole any more. Its rest would be a broken stream, so this one is
   * left to linger and the next is published in its place; viewers see a new epoch.
   *
   * @param {string} reason
   */
  #publishAnewOnNewSocket(reason) {
    this.#token = "";
    this.#discardRecording();
    this.#window.restart(0);
    this.#link.restart(reason);
  }

  #record() {
    this.#discardRecording();
    const { timesliceMs = 100, audioBitsPerSecond = 64_000, keyframeMs } = this.#options;
    const source = this.#source;
    try {
      const run = source.start({
        timesliceMs,
        audioBitsPerSecond,
        keyframeMs: keyframeMs ?? (source.format === "mp4" ? 500 : 1000),
        videoBitsPerSecond: this.#governor.bits,
        onChunk: (chunk, captureUs) => {
          if (this.#run === run) this.#onChunk(chunk, captureUs);
        },
        hasRoom: () => this.#window.unsentBytes < this.#bufferBytes / 2,
      });
      this.#run = run;
      this.#recordings += 1;
      this.#lastChunkAt = performance.now();
      run.done.then((why) => {
        if (this.#run === run) this.#recordingEnded(why);
      });
    } catch (error) {
      this.#end(/** @type {FramewireError} */ (error));
    }
  }

  /** What it still has to say is not wanted. */
  #discardRecording() {
    const run = this.#run;
    this.#run = null;
    run?.stop();
  }

  /**
   * The recorder gave up (a resized canvas in Firefox, a changed track in Chromium), was stopped for
   * another bitrate or source, or its source ended. All of its data has been kept; the next recording
   * simply follows it in the same byte stream.
   *
   * @param {FramewireError | null} why
   */
  #recordingEnded(why) {
    if (this.#stopping) return;
    if (this.#source.ended) {
      if (why) this.#end(why);
      else this.stop();
      return;
    }
    const now = performance.now();
    this.#restarts = this.#restarts.filter((at) => now - at < RESTART_SPAN_MS);
    this.#restarts.push(now);
    if (this.#restarts.length > RESTARTS_MOST) {
      this.#end(why ?? new FramewireError("recorder-failed", "The recorder keeps stopping."));
      return;
    }
    this.#record();
  }

  get #bufferBytes() {
    return this.#options.bufferBytes ?? 8 << 20;
  }

  /** @param {Uint8Array} chunk @param {number} captureUs */
  #onChunk(chunk, captureUs) {
    const now = performance.now();
    this.#lastChunkAt = now;
    this.#window.push(chunk, captureUs, now);
    this.#flush();
    if (this.#source.format === "webm" && this.#alpha.push(chunk)) {
      this.emit("warning", {
        code: "alpha",
        message:
          "Each picture carries a second, transparent one. Draw the canvas with getContext('2d', {alpha: false}).",
      });
    }
    if (this.#window.unsentBytes > this.#bufferBytes) {
      if (this.#link.open && this.#governor.lower(now)) this.emit("bitrate", this.#governor.bits);
      this.#publishAnewOnNewSocket("too-slow");
    }
  }

  /** Looks after source and bitrate. */
  #watch() {
    const run = this.#run;
    if (!run || this.#stopping || this.#state !== "live") return;
    const now = performance.now();
    if (this.#source.ended) {
      run.stop(); // what it still holds goes out before the end
      return;
    }
    const { changed } = this.#source;
    if (changed) {
      this.emit("warning", { code: "source-changed", message: changed });
      run.stop();
      return;
    }
    if (now - this.#lastChunkAt > NO_DATA_MS) {
      this.#lastChunkAt = Number.POSITIVE_INFINITY; // said once, until there is some
      this.emit("warning", {
        code: "no-data",
        message:
          "The source gives no pictures and no sound. Paint the canvas at least once, or check the device.",
      });
    }
    if (!this.#source.adapts || this.#options.adaptive === false) return;
    if (now - this.#liveSince < CATCH_UP_MS) return;
    if (this.#governor.sample(now, this.#window.lagMs(now))) {
      this.emit("bitrate", this.#governor.bits);
      run.stop();
    }
  }

  #flush() {
    if (this.#state !== "live") return;
    for (let bytes = this.#window.take(); bytes; bytes = this.#window.take()) {
      if (!this.#link.send(bytes)) return; // sent again by the resume
    }
  }

  /** @param {number} bytes */
  #countAcked(bytes) {
    this.#ackedBytes += bytes;
    this.#rate.push({ at: performance.now(), bytes });
    this.#forgetOldRate();
  }

  #forgetOldRate() {
    const now = performance.now();
    this.#rate = this.#rate.filter(({ at }) => now - at < RATE_SPAN_MS);
  }

  /** @param {FramewireError | null} why */
  #end(why) {
    if (this.#state === "ended" || this.#state === "error") return;
    this.#stopping = true;
    globalThis.removeEventListener?.("pagehide", this.#onPageHide);
    clearInterval(this.#watchTimer);
    this.#discardRecording();
    this.#source.close();
    this.#link.stop().then(() => this.#resolveClosed(why));
    if (why) this.emit("error", why);
    this.#setState(why ? "error" : "ended");
  }

  /** @param {PublishState} state */
  #setState(state) {
    if (this.#state === state) return;
    this.#state = state;
    if (state === "live") this.#liveSince = performance.now();
    this.emit("state", state);
  }
}

/**
 * Publishes a live stream. Throws a FramewireError if URL, source or browser are not fit for it; what goes
 * wrong later comes as an `error` event and by `closed`.
 *
 * @param {import('./sources.js').PublishSource} source
 *   - a MediaStream: camera, microphone, screen, `canvas.captureStream()`;
 *   - a canvas of the page. Draw it with `getContext('2d', {alpha: false})`, or each picture carries a
 *     second, transparent one;
 *   - an OffscreenCanvas, also in a worker (WebM without sound, by WebCodecs);
 *   - a File or Blob, WebM or fragmented MP4: sent as if it happened now
 * @param {string | URL} url `/publish/NAME`, a whole URL, or the bare name
 * @param {PublishOptions} [options]
 * @returns {Publication}
 */
export function publish(source, url, options) {
  return new Publication(source, url, options);
}
