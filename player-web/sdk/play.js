import { Emitter } from "./emitter.js";
import { FramewireError } from "./errors.js";
import { latencyWish } from "./latency_wish.js";
import { Moderator } from "./moderator.js";
import { canPlay } from "./mse_sink.js";
import { NativeHlsPlayer, needsNativeHls, playsHls } from "./native_hls.js";
import { openScreen } from "./open_screen.js";
import { Pause } from "./pause.js";
import { checkPlay } from "./play_types.js";
import { statsOf } from "./player_stats.js";
import { RawScreen } from "./raw_screen.js";
import { ReconnectingSocket } from "./reconnecting_socket.js";
import { askRefusal } from "./refusal.js";
import { ScreenTrials } from "./screen_trials.js";
import { ServerClock } from "./server_clock.js";
import { reportOf } from "./shown_delay.js";
import { SideChannel } from "./side_channel.js";
import { Standing } from "./standing.js";
import { locate } from "./urls.js";
import { Ways } from "./ways.js";
import { decodePart, KIND_INIT } from "./wire.js";

/**
 * @typedef {import('./play_types.js').PlayOptions} PlayOptions
 * @typedef {import('./play_types.js').PlayState} PlayState
 * @typedef {import('./play_types.js').PlayerEvents} PlayerEvents
 */

const REPORT_MS = 5_000;
/** So many changes of rendition without a picture, and none will do. */
const SWITCHES_MOST = 20;

/**
 * A stream being watched. Events: those of PlayerEvents, by `on(type, listener)` or, as the `detail` of a
 * CustomEvent, by `addEventListener`.
 *
 * @extends {Emitter<PlayerEvents>}
 */
export class Player extends Emitter {
  #video;
  #place;
  #options;
  #wish;
  #ways;
  /** @type {import('./screen.js').Screen | null} */
  #screen = null;
  /** @type {NativeHlsPlayer | null} */
  #hls = null;
  #socket;
  #side;
  #clock = new ServerClock((message) => this.#socket.send(message));
  /** @type {PlayState} */
  #state = "connecting";
  #why = "";
  /** @type {import('./reconnecting_socket.js').Message | null} */
  #info = null;
  #switches = 0;
  #mutedByAutoplay = false;
  #counts = { viewers: 0, bytes: 0, skipped: 0, reconnects: 0 };
  #standing = new Standing((still) => this.emit("still", still));
  #firstFrameMs = 0;
  #openedAt = 0;
  #trials = new ScreenTrials();
  /** @type {Pause | null} the last one */
  #pause = null;
  #reportTimer;
  /** @type {(why: FramewireError | null) => void} */
  #resolveClosed = () => {};

  /**
   * @param {HTMLVideoElement} video
   * @param {string | URL} url
   * @param {PlayOptions} [options]
   */
  constructor(video, url, options = {}) {
    super();
    checkPlay(video, options);
    this.#video = video;
    this.#options = options;
    this.#wish = latencyWish(options);
    this.#place = locate(url, options);
    this.#ways = new Ways({
      canPlay,
      canHls: playsHls(video),
      canDecode: "VideoDecoder" in globalThis,
    });
    /** Resolves with null after stop(), with the error otherwise. Never rejects. */
    this.closed = new Promise((/** @type {(why: FramewireError | null) => void} */ resolve) => {
      this.#resolveClosed = resolve;
    });
    /** What a moderator does with this stream, and may do as far as `rights` go. */
    this.moderator = new Moderator(this.#place, {
      token: () => this.#socket.token || (this.#place.token ?? ""),
    });
    this.#side = new SideChannel(options.name ?? "", (message) => this.#socket.send(message));
    this.#socket = new ReconnectingSocket({
      url: () => this.#place.liveSocket(this.#ways.rendition),
      giveUpMs: options.giveUpMs,
      refreshToken: options.refreshToken,
      opened: () => this.#onOpen(),
      text: (message) => this.#onText(message),
      binary: (message) => this.#onPart(message),
      lost: (why) => this.#onLost(why),
      refused: (why) => this.#onRefused(why),
    });
    video.playsInline = true;
    if (options.muted) video.muted = true;
    this.#reportTimer = setInterval(() => this.#report(), REPORT_MS);
    queueMicrotask(() => this.#state === "connecting" && this.emit("state", "connecting"));
  }

  get state() {
    return this.#state;
  }

  /** Why the state is what it is: `no-publisher`, `publisher-lost`, `next-group`, or a sentence. */
  get reason() {
    return this.#why;
  }

  /** The publisher's page is in the background, and its pictures stand still there. */
  get still() {
    return this.#standing.still;
  }

  /** The browser allowed playback only without sound: unmute from a click. */
  get mutedByAutoplay() {
    return this.#mutedByAutoplay && this.#video.muted;
  }

  /** The server's last `stream` message: format, mime, epoch, tracks. */
  get info() {
    return this.#hls?.info ?? this.#info;
  }

  /** There is something to see, or to hear. */
  get shows() {
    return this.#hls ? this.#video.readyState >= 2 : (this.#screen?.shows ?? false);
  }

  /** Where pictures are painted, in front of the video element; null: in the element itself. */
  get canvas() {
    return this.#screen?.canvas ?? null;
  }

  /** The stream as published, over plain HTTP. */
  get liveUrl() {
    return this.#place.liveUrl();
  }

  /** Of a stream of raw messages: what has come; null: it is none. */
  get raw() {
    return this.#screen instanceof RawScreen ? this.#screen : null;
  }

  /** @returns {ReturnType<typeof statsOf>} */
  get stats() {
    return statsOf({
      screen: this.#screen,
      hls: this.#hls,
      offsetMs: this.#clock.offsetMs,
      firstFrameMs: this.#firstFrameMs,
      counts: this.#counts,
      transport: this.#socket.transport,
      way: this.#ways.told,
    });
  }

  /** What the side channel calls this viewer: the `sender` of its messages; '' before its first one. */
  get sender() {
    return this.#side.sender;
  }

  /** What of `moderator` this key is good for. */
  get rights() {
    return this.#side.rights;
  }

  /** Time of the picture on show, in microseconds of the stream's own clock, as in SideMessage. */
  get mediaTimeUs() {
    return this.#hls?.mediaTimeUs ?? this.#screen?.mediaTimeUs ?? 0;
  }

  /**
   * Says something to the publisher and all viewers; it comes back as a `message` to everybody, the sender
   * included. What the server does not pass on (too long, too many, muted, nobody is live) it says by a
   * `warning`.
   *
   * @param {unknown} data any JSON value
   * @param {import('./side_channel.js').SendOptions} [options]
   */
  say(data, options) {
    this.#side.send(data, options);
  }

  /** The same as `say()`. @param {unknown} data @param {import('./side_channel.js').SendOptions} [options] */
  send(data, options) {
    this.say(data, options);
  }

  /** Leaves the stream; the last picture stays. */
  stop() {
    this.#end(null);
    return this.closed;
  }

  /** Goes to the live edge, say after a pause. */
  toLive() {
    if (this.#hls) this.#hls.toLive();
    else this.#screen?.toLive();
  }

  /** What is shown and heard, as a MediaStream; null: this browser has none, or nothing is shown yet. */
  captureStream() {
    return this.#screen?.captureStream() ?? null;
  }

  #startPlayback() {
    const video = this.#video;
    video.play().catch((/** @type {DOMException} */ error) => {
      if (error.name !== "NotAllowedError" || video.muted) return;
      this.#silenced();
      video.play().catch(() => {});
    });
  }

  #silenced() {
    this.#video.muted = true;
    this.#mutedByAutoplay = true;
    this.emit("muted", true);
  }

  #onOpen() {
    this.#openedAt ||= performance.now();
    this.#clock.begin();
    this.#pause = null; // of another connection, and perhaps another server
    this.#setState("connecting");
  }

  /** @param {import('./reconnecting_socket.js').Message} message */
  #onText(message) {
    this.#standing.hear(message);
    switch (message.type) {
      case "waiting":
        this.#screen?.letOut();
        this.#pause = new Pause(message);
        this.#setState("waiting", message.reason);
        break;
      case "stream":
        this.#onStream(message);
        break;
      case "skipped":
        this.#counts.skipped += Math.max(0, (message.to ?? 0) - (message.from ?? 0));
        break;
      case "viewers":
        this.#counts.viewers = message.count;
        this.emit("viewers", message.count);
        break;
      case "title":
        this.emit("title", message.title);
        break;
      case "end":
        this.#screen?.letOut();
        this.#pause = null; // numbers begin anew
        this.#setState("ended", message.reason);
        break;
      case "error":
        if (message.code !== "unsupported-format") break;
        this.#ask(
          this.#ways.refused(message.message),
          new FramewireError("unsupported-player", message.message),
        );
        break;
      default:
        this.#clock.hear(message);
        this.#side.hear(message, (type, detail) => this.emit(type, detail));
    }
  }

  /** @param {import('./reconnecting_socket.js').Message} info */
  #onStream(info) {
    if (this.#state === "ended" && this.#ways.strayed) {
      this.#ways.startOver();
      this.#socket.reconnect();
      return;
    }
    const before = this.#ways.rendition;
    const way = this.#ways.take(/** @type {any} */ (info));
    if (!way || way.rendition !== before) {
      const what = info.mime || info.format;
      this.#ask(way, new FramewireError("unsupported-player", `This browser cannot play ${what}.`));
      return;
    }
    if (this.#screen?.by !== way.by) this.#build(way.by);
    this.#info = info;
    this.#screen?.begin(info);
    if (!this.#pause?.covers(info.epoch)) this.#setState("live");
  }

  /** Asks the server for another rendition. @param {import('./ways.js').Way | null} way @param {FramewireError} why the end, if there is none */
  #ask(way, why) {
    this.#switches += 1;
    if (!way || this.#switches > SWITCHES_MOST) {
      this.#end(why);
      return;
    }
    this.#leaveScreen();
    if (way.by === "hls") this.#playHls();
    else this.#socket.reconnect();
  }

  /** @param {import('./ways.js').By} by */
  #build(by) {
    this.#screen?.leave();
    this.#trials.begin();
    /** @type {import('./screen.js').Screen | null} */
    let screen = null;
    /** @param {() => void} call */
    const own = (call) => () => {
      if (screen === this.#screen) call();
    };
    /** @type {import('./screen.js').ScreenHost} */
    const host = {
      failed: (why, forGood) => screen === this.#screen && this.#screenFailed(why, forGood),
      loses: (why) =>
        screen === this.#screen && this.#ways.leave() && this.#screenFailed(why, true),
      startPlayback: () => this.#startPlayback(),
      painted: own(() => this.#onPainted()),
      moves: own(() => this.#state === "stalled" && this.#setState("live")),
      stands: own(() => this.#state === "live" && this.#setState("stalled")),
      silenced: own(() => this.#silenced()),
      wantsKey: own(() => this.#socket.send({ type: "keyframe" })),
    };
    screen = openScreen(by, this.#video, host, this.#wish);
    this.#screen = screen;
  }

  #playHls() {
    this.#socket.stop();
    const hls = new NativeHlsPlayer(this.#video, this.#place.watchUrl(), {
      ...this.#options,
      token: this.#socket.token || this.#place.token,
    });
    this.#hls = hls;
    hls.on("muted", () => this.#silenced());
    hls.on("state", () => {
      if (hls.state === "live") this.#onPainted();
      if (hls.state !== "error" && hls.state !== "stopped") this.#setState(hls.state, hls.reason);
    });
    hls.closed.then((why) => this.#end(why));
  }

  #onPainted() {
    this.#trials.painted(performance.now());
    this.#switches = 0;
    if (this.#firstFrameMs || !this.#openedAt || this.#state === "stopped") return;
    this.#firstFrameMs = Math.max(1, Math.round(performance.now() - this.#openedAt));
  }

  /** @param {ArrayBuffer} message */
  #onPart(message) {
    const part = decodePart(message);
    this.#counts.bytes += message.byteLength;
    if (!this.#info) return;
    // A publisher that resumes goes on in its epoch, with no new `stream` message.
    const old = part.kind === KIND_INIT || this.#pause?.covers(part.epoch, part.sequence);
    if (this.#state === "waiting" && !old) this.#setState("live");
    this.#screen?.part(part);
  }

  /**
   * A screen that has proved its way is built anew, with a new connection for a new init segment; one that has not,
   * or that keeps dying, gives way to the next.
   *
   * @param {FramewireError} why
   * @param {boolean} [forGood]
   */
  #screenFailed(why, forGood = false) {
    if (this.#trials.died(performance.now(), forGood)) {
      this.#setState("reconnecting", why.message);
      this.#ask(this.#ways.fail(why.message), why);
      return;
    }
    this.#leaveScreen();
    this.#setState("reconnecting", why.message);
    this.#socket.reconnect();
  }

  #leaveScreen() {
    this.#screen?.leave();
    this.#screen = null;
    this.#info = null;
  }

  /** @param {FramewireError} why */
  async #onLost(why) {
    this.#counts.reconnects += 1;
    this.#setState("reconnecting", why.message);
    if (this.#openedAt) return;
    const refusal = await askRefusal(this.#socket.dress(this.#place.liveSocket("")));
    if (refusal) this.#end(refusal);
  }

  /** @param {FramewireError} why */
  #onRefused(why) {
    if (why.closeCode === 1000) this.#end(null, "ended");
    else this.#end(why);
  }

  #report() {
    if (this.#state === "live") this.#socket.send(reportOf(this.stats));
  }

  /** @param {FramewireError | null} why @param {PlayState} [state] */
  #end(why, state = why ? "error" : "stopped") {
    if (["error", "stopped"].includes(this.#state)) return;
    clearInterval(this.#reportTimer);
    this.#clock.end();
    this.#standing.end();
    this.#socket.stop();
    this.#screen?.close();
    if (why) this.emit("error", why);
    this.#setState(state, why?.message);
    this.#hls?.stop();
    this.#resolveClosed(why);
  }

  /** @param {PlayState} state @param {string} [why] */
  #setState(state, why = "") {
    if (this.#state === state && this.#why === why) return;
    this.#state = state;
    this.#why = why;
    this.emit("state", state);
  }
}

/**
 * Plays a live stream in a video element; pictures and packets are painted on a canvas in its place. A browser
 * without Media Source Extensions plays it by its own HLS; what it gets has the calls and events of a Player.
 *
 * @param {HTMLVideoElement} video
 * @param {string | URL} url `/watch/NAME`, a whole URL, or the bare name
 * @param {PlayOptions} [options]
 * @returns {Player}
 */
export function play(video, url, options) {
  if (!needsNativeHls(video)) return new Player(video, url, options);
  return /** @type {any} */ (new NativeHlsPlayer(video, url, options));
}
