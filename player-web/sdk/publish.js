import { Emitter } from "./emitter.js";
import { FramewireError } from "./errors.js";
import { Link } from "./link.js";
import { chooseRecorderType } from "./recorder_type.js";
import { Recording } from "./recording.js";
import { SideChannel } from "./side_channel.js";
import { locate } from "./urls.js";
import { SendWindow } from "./window.js";

/**
 * @typedef {object} PublishOptions
 * @property {string} [token] publish key; default: `?token=` of the URL
 * @property {'webm' | 'mp4'} [format] container to record; default webm where the browser has it
 * @property {string} [title] of the stream, for people
 * @property {number} [timesliceMs] how often the recorder hands out data; default 100
 * @property {number} [keyframeMs] time between keyframes, honoured by Chromium; default 1000, MP4 500
 * @property {number} [videoBitsPerSecond] default 2500000
 * @property {number} [audioBitsPerSecond] default 64000
 * @property {number} [bufferBytes] what may wait while the connection is slow or away, before the
 *   recording starts anew; default 8388608
 * @property {number} [stopTimeoutMs] how long stop() waits for the last data to arrive; default 3000
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
 * @property {{code: string, message: string}} warning the server's: the stream goes on
 * @property {RecordingNews} recording the server began, stopped or failed to record this stream
 * @property {RecordedFile} recorded a recording of this stream can be fetched
 * @property {FramewireError} error the end, and why
 */

/** Below this no bitrate is worth sending, in bits per second. */
const VIDEO_BITS_LEAST = 150_000;
/** What a recording keeps of its video bitrate after the connection proved too slow for it. */
const SLOWER = 0.6;
/** So many failed recordings within RESTART_SPAN_MS, and it is no accident. */
const RESTARTS_MOST = 8;
const RESTART_SPAN_MS = 10_000;
/** What `bitsPerSecond` looks back on, in milliseconds. */
const RATE_SPAN_MS = 3_000;
/** How long a server may take to miss a connection of ours that is gone, in milliseconds. */
const OWN_GHOST_MS = 60_000;

/**
 * A stream being published. Events: those of PublicationEvents, by `on(type, listener)` or, as the `detail`
 * of a CustomEvent, by `addEventListener`.
 *
 * @extends {Emitter<PublicationEvents>}
 */
export class Publication extends Emitter {
  #stream;
  #place;
  #options;
  #type;
  #window = new SendWindow();
  #link;
  /** @type {Recording | null} */
  #recording = null;
  /** @type {PublishState} */
  #state = "connecting";
  #token = "";
  #side;
  #stopping = false;
  #videoBits;
  /** @type {number[]} */
  #restarts = [];
  #viewers = 0;
  #ackedBytes = 0;
  #lastLiveAt = Number.NEGATIVE_INFINITY;
  #recordings = 0;
  #reconnects = 0;
  /** @type {{at: number, bytes: number}[]} */
  #rate = [];
  /** @type {(why: FramewireError | null) => void} */
  #resolveClosed = () => {};
  #wake = () => {};

  /**
   * @param {MediaStream} stream
   * @param {string | URL} url
   * @param {PublishOptions} [options]
   */
  constructor(stream, url, options = {}) {
    super();
    this.#stream = stream;
    this.#options = options;
    this.#place = locate(url, { token: options.token });
    this.#type = this.#chooseType();
    this.#videoBits = options.videoBitsPerSecond ?? 2_500_000;
    /** Resolves with null after stop(), with the error otherwise. Never rejects. */
    this.closed = new Promise((/** @type {(why: FramewireError | null) => void} */ resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#side = new SideChannel(options.name ?? "", (message) => this.#link.send(message));
    globalThis.addEventListener?.("pagehide", this.#onPageHide);
    this.#link = new Link({
      url: this.#place.publishSocket,
      opened: () => this.#link.send(this.#hello()),
      text: (message) => this.#onText(message),
      lost: () => {
        this.#reconnects += 1;
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
      mimeType: this.#type.mimeType,
      viewers: this.#viewers,
      ackedBytes: this.#ackedBytes,
      /** Arrived at the server over the last seconds. */
      bitsPerSecond: seconds > 0.5 ? Math.round((bytes * 8) / seconds) : 0,
      videoBitsPerSecond: this.#videoBits,
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

  /** Ends the stream after its last data arrived (or `stopTimeoutMs`). */
  async stop() {
    if (this.#stopping || this.#state === "ended" || this.#state === "error") return this.closed;
    this.#stopping = true;
    await this.#recording?.stop();
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

  #chooseType() {
    const video = this.#stream.getVideoTracks()[0];
    return chooseRecorderType(
      {
        video: Boolean(video),
        audio: this.#stream.getAudioTracks().length > 0,
        height: video?.getSettings().height,
        format: this.#options.format,
      },
      (type) => MediaRecorder.isTypeSupported(type),
    );
  }

  #hello() {
    if (this.#token && this.#recording) return { type: "resume", token: this.#token };
    const { width, height } = this.#stream.getVideoTracks()[0]?.getSettings() ?? {};
    const { format, mimeType } = this.#type;
    const { title } = this.#options;
    // Our own lost connection, if the server has not missed it yet, gives way.
    const replaces = this.#token || undefined;
    return { type: "publish", format, mime: mimeType, width, height, title, replaces };
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
    const { format, mimeType } = this.#type;
    const { timesliceMs = 100, audioBitsPerSecond = 64_000 } = this.#options;
    const keyframeMs = this.#options.keyframeMs ?? (format === "mp4" ? 500 : 1000);
    const videoBitsPerSecond = this.#videoBits;
    try {
      const recording = new Recording(
        this.#stream,
        { mimeType, timesliceMs, keyframeMs, videoBitsPerSecond, audioBitsPerSecond },
        (chunk, captureUs) => {
          if (this.#recording === recording) this.#onChunk(chunk, captureUs);
        },
      );
      this.#recording = recording;
      this.#recordings += 1;
      recording.done.then((why) => {
        if (this.#recording === recording) this.#recordingEnded(why);
      });
    } catch (cause) {
      const why = new FramewireError(
        "recorder-failed",
        "The recorder did not start. Check that the stream has a live track.",
        { cause },
      );
      this.#end(why);
    }
  }

  /** What it still has to say is not wanted. */
  #discardRecording() {
    const recording = this.#recording;
    this.#recording = null;
    recording?.stop();
  }

  /**
   * The recorder gave up (a resized canvas in Firefox, a changed track in Chromium) or its tracks ended.
   * All of its data has been kept; the next recording simply follows it in the same byte stream.
   *
   * @param {FramewireError | null} why
   */
  #recordingEnded(why) {
    if (this.#stopping) return;
    if (this.#stream.getTracks().every((track) => track.readyState === "ended")) {
      this.stop();
      return;
    }
    const now = performance.now();
    this.#restarts = this.#restarts.filter((at) => now - at < RESTART_SPAN_MS);
    this.#restarts.push(now);
    if (this.#restarts.length > RESTARTS_MOST) {
      this.#end(why ?? new FramewireError("recorder-failed", "The recorder keeps stopping."));
      return;
    }
    this.#type = this.#chooseType();
    this.#record();
  }

  /** @param {Uint8Array} chunk @param {number} captureUs */
  #onChunk(chunk, captureUs) {
    this.#window.push(chunk, captureUs);
    this.#flush();
    if (this.#window.unsentBytes > (this.#options.bufferBytes ?? 8 << 20)) {
      if (this.#link.open) {
        this.#videoBits = Math.max(VIDEO_BITS_LEAST, Math.round(this.#videoBits * SLOWER));
      }
      this.#publishAnewOnNewSocket("too-slow");
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
    this.#discardRecording();
    this.#link.stop();
    if (why) this.emit("error", why);
    this.#setState(why ? "error" : "ended");
    this.#resolveClosed(why);
  }

  /** @param {PublishState} state */
  #setState(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.emit("state", state);
  }
}

/**
 * Publishes a MediaStream.
 *
 * @param {MediaStream} stream camera, screen or canvas.captureStream(); draw a canvas with
 *   `getContext('2d', {alpha: false})`, or each picture carries a second, transparent one
 * @param {string | URL} url `/publish/NAME`, a whole URL, or the bare name
 * @param {PublishOptions} [options]
 * @returns {Publication}
 */
export function publish(stream, url, options) {
  return new Publication(stream, url, options);
}
