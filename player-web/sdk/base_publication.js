import { Emitter } from "./emitter.js";
import { HIDDEN } from "./hidden_warning.js";
import { LiveTitle } from "./live_title.js";
import { Moderator } from "./moderator.js";
import { checkPublish } from "./publish_types.js";
import { ReconnectingSocket } from "./reconnecting_socket.js";
import { SendWindow } from "./send_window.js";
import { ServerClock } from "./server_clock.js";
import { SideChannel } from "./side_channel.js";
import { locate } from "./urls.js";
import { WakeLock } from "./wake_lock.js";

/**
 * What all publications have: the connection with its resume, acknowledgements, side channel, states and end. What
 * is sent is the business of a Media, which is told when to begin and given a Control.
 *
 * @typedef {import('./publish_types.js').PublicationEvents} PublicationEvents
 * @typedef {import('./publish_types.js').PublishState} PublishState
 * @typedef {import('./errors.js').FramewireError} FramewireError
 *
 * @typedef {object} Media
 * @property {object | null} hello members of the `publish` message that describe it; null: not known yet
 * @property {boolean} running it has begun, so that a resume has something to go on with
 * @property {() => void} begin the server expects a new epoch
 * @property {() => void} discard what it still has to say is not wanted
 * @property {() => Promise<any>} drain nothing more is taken; resolves after the last of it was handed over
 * @property {() => void} close gives back what it has taken
 * @property {() => void} room something was acknowledged, or the connection is back
 * @property {(will: boolean) => void} [willBeAsked] whether the server asks for keyframes; before begin()
 * @property {() => void} [keyframe] it does: viewers are to join at the next picture
 *
 * @typedef {object} Control
 * @property {SendWindow} window what is put there goes out with flush()
 * @property {() => void} flush
 * @property {() => boolean} connected
 * @property {() => void} introduce `hello` may be known by now
 * @property {(reason: string) => void} publishAnew the stream cannot go on as it is: a new one in its place
 * @property {(why: FramewireError | null) => void} end
 * @property {() => void} stop after its last data
 * @property {(still: boolean, says: boolean) => void} stands the pictures of a hidden page stand still, or not; `says`:
 *   the page is told so now
 * @property {<T extends keyof PublicationEvents & string>(type: T, detail: PublicationEvents[T]) => void} emit
 */

/** What `bitsPerSecond` looks back on, in milliseconds. */
const RATE_SPAN_MS = 3_000;
/** A lost stream is missed by all its viewers, so it is not long between attempts; in milliseconds. */
const RETRY_MOST_MS = 2_500;
/** Viewers that have come since want to know it, too; in milliseconds. */
const STILL_AGAIN_MS = 5_000;
/** How long a server may take to miss a connection of ours that is gone, in milliseconds. */
const OWN_GHOST_MS = 60_000;

/** @extends {Emitter<PublicationEvents>} */
export class BasePublication extends Emitter {
  #place;
  #options;
  #window = new SendWindow();
  #socket;
  /** @type {Media} */
  #media;
  #side;
  #title;
  #clock;
  #wakeLock = new WakeLock();
  /** @type {PublishState} */
  #state = "connecting";
  #token = "";
  /** The token of a stream of ours that the next one takes the place of. */
  #replaced = "";
  #stopping = false;
  #viewers = 0;
  /** What viewers were told of a hidden page's pictures, and when. */
  #still = { said: false, at: 0 };
  #ackedBytes = 0;
  #lastLiveAt = Number.NEGATIVE_INFINITY;
  #reconnects = 0;
  /** @type {{at: number, bytes: number}[]} */
  #rate = [];
  /** @type {(why: FramewireError | null) => void} */
  #resolveClosed = () => {};
  #wake = () => {};
  /** The server waits for a hello that is not known yet. */
  #unsaid = false;
  /** The server of this connection has said where it goes on. */
  #joined = false;

  /**
   * @param {string | URL} url
   * @param {import('./publish_types.js').PublishOptions} options
   * @param {(control: Control) => Media} open may throw a FramewireError
   */
  constructor(url, options, open) {
    super();
    checkPublish(options);
    this.#options = options;
    this.#place = locate(url, options);
    this.#media = open({
      window: this.#window,
      flush: () => this.#flush(),
      introduce: () => {
        if (this.#unsaid) this.#sayHello();
      },
      connected: () => this.#state === "live" && this.#socket.open,
      publishAnew: (reason) => this.#publishAnewOnNewSocket(reason),
      end: (why) => this.#end(why),
      stop: () => this.stop(),
      stands: (still, says) => this.#stands(still, says),
      emit: (type, detail) => this.emit(type, detail),
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
    this.#clock = new ServerClock((message) => this.#socket.send(message));
    this.#title = new LiveTitle(options.title, (message) => this.#socket.send(message));
    globalThis.addEventListener?.("pagehide", this.#onPageHide);
    this.#socket = new ReconnectingSocket({
      url: this.#place.publishSocket,
      retryMostMs: RETRY_MOST_MS,
      giveUpMs: options.giveUpMs,
      refreshToken: options.refreshToken,
      quotaRetriesMs: [],
      opened: () => this.#sayHello(),
      text: (message) => this.#onText(message),
      lost: () => {
        this.#reconnects += 1;
        if (this.#state === "live") this.#lastLiveAt = performance.now();
        this.#title.pause();
        this.#clock.end();
        this.#setState("reconnecting");
        this.#wake();
      },
      moves: () => {
        this.#joined = false;
        this.#title.pause();
        this.#clock.end();
      },
      refused: (why) => this.#end(why),
      // Our own lost connection, which the server has not missed yet, may be what takes the name.
      mayRetry: ({ code }) =>
        code === "stream-taken" && performance.now() - this.#lastLiveAt < OWN_GHOST_MS,
    });
    queueMicrotask(() => this.#state === "connecting" && this.emit("state", "connecting"));
  }

  get state() {
    return this.#state;
  }

  /**
   * A page that is left ends its stream; only a lost one lingers. One that is kept, in case that somebody comes back to it,
   * does nothing meanwhile, and would be a publisher that gives nothing: it publishes anew when it is back.
   */
  #onPageHide = (/** @type {PageTransitionEvent} */ event) => {
    this.#socket.send({ type: "end" });
    if (!event.persisted) return;
    this.#token = "";
    this.#socket.pause();
    globalThis.addEventListener("pageshow", this.#onPageShow, { once: true });
  };

  #onPageShow = () => this.#publishAnewOnNewSocket("page-back");

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
      viewers: this.#viewers,
      ackedBytes: this.#ackedBytes,
      /** Arrived at the server over the last seconds. */
      bitsPerSecond: seconds > 0.5 ? Math.round((bytes * 8) / seconds) : 0,
      /** How old the oldest data is that the server has not acknowledged, in milliseconds. */
      lagMs: Math.round(this.#window.lagMs(performance.now())),
      unackedBytes: this.#window.unackedBytes,
      unsentBytes: this.#window.unsentBytes,
      reconnects: this.#reconnects,
      /** `http` where no WebSocket is let through. */
      transport: this.#socket.transport,
    };
  }

  /** What the side channel calls this publisher: the `sender` of its messages. */
  get sender() {
    return this.#side.sender;
  }

  /** What of `moderator` this key is good for. */
  get rights() {
    return this.#side.rights;
  }

  /**
   * Says something to all viewers; it comes back as a `message` to everybody, the sender included. What
   * the server does not pass on (too long, too many) it says by a `warning`.
   *
   * @param {unknown} data any JSON value
   * @param {import('./side_channel.js').SendOptions} [options]
   */
  say(data, options) {
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

  /**
   * What the stream is called from now on, in lists, in recordings and for those who watch: they get it as a `title`.
   * While there is no connection the newest one waits for it; of many in a second the last one is told.
   *
   * @param {string} title at most 1024 bytes; '' = none
   */
  setTitle(title) {
    this.#title.set(title);
  }

  /** Ends the stream after its last data arrived (or `stopTimeoutMs`). Then its name is free again. */
  async stop() {
    if (this.#stopping || this.#state === "ended" || this.#state === "error") return this.closed;
    this.#stopping = true;
    await this.#media.drain();
    this.#flush();
    const deadline = performance.now() + (this.#options.stopTimeoutMs ?? 3_000);
    while (!this.#window.empty && this.#socket.open && performance.now() < deadline) {
      await new Promise((resolve) => {
        this.#wake = () => resolve(undefined);
        setTimeout(resolve, 100);
      });
    }
    this.#socket.send({ type: "end" });
    this.#end(null);
    return this.closed;
  }

  #sayHello() {
    const hello = this.#hello();
    this.#unsaid = hello === null;
    if (hello) this.#socket.send(hello);
  }

  #hello() {
    if (this.#token && this.#media.running) return { type: "resume", token: this.#token };
    const { record } = this.#options;
    const about = this.#media.hello;
    if (!about) return null;
    return {
      type: "publish",
      ...about,
      title: this.#title.introduce(),
      record,
      // Our own lost connection, if the server has not missed it yet, gives way.
      replaces: this.#token || this.#replaced || undefined,
    };
  }

  /** @param {import('./reconnecting_socket.js').Message} message */
  #onText(message) {
    switch (message.type) {
      case "ready":
        this.#onReady(message);
        break;
      case "ack":
        this.#countAcked(this.#window.acknowledge(message.sequence));
        this.#flush();
        this.#media.room();
        this.#wake();
        break;
      case "viewers":
        this.#viewers = message.count;
        this.emit("viewers", message.count);
        break;
      case "keyframe":
        this.#media.keyframe?.();
        break;
      case "recording":
        this.emit("recording", /** @type {any} */ (message));
        break;
      case "recorded":
        this.emit("recorded", /** @type {any} */ (message));
        break;
      case "error":
        if (message.code === "resume-unknown") this.#publishAnew();
        break;
      case "clock":
        this.#clock.hear(message);
        this.#window.serverOffsetMs = this.#clock.offsetMs;
        break;
      default:
        this.#side.hear(message, (type, detail) => this.emit(type, detail));
    }
  }

  /** @param {import('./reconnecting_socket.js').Message} ready */
  #onReady(ready) {
    this.#token = ready.token ?? "";
    this.#replaced = "";
    this.#side.named(ready.sender ?? "");
    this.#window.setLimits(ready.limits ?? {});
    this.#media.willBeAsked?.(ready.keyframes === true);
    if (ready.resumed) {
      if (!this.#window.resume(ready.sequence ?? 0)) {
        this.#publishAnewOnNewSocket("resume-gap");
        return;
      }
    } else {
      this.#window.restart(ready.sequence ?? 0);
      if (!this.#stopping) this.#media.begin();
    }
    this.#joined = true;
    this.#setState("live");
    this.#title.begin(ready.resumed === true);
    this.#clock.begin();
    this.#flush();
    this.#media.room();
  }

  /** The server has forgotten us: what was begun cannot be joined in the middle, so begin anew. */
  #publishAnew() {
    this.#token = "";
    this.#media.discard();
    this.#sayHello();
  }

  /**
   * What was begun cannot be sent whole any more. Its rest would be a broken stream, so the next one is published
   * in its place, at once: what the old socket still holds would take its time on a slow connection, and the server
   * closes that one when the next names its token. Viewers see a new epoch.
   *
   * @param {string} _reason
   */
  #publishAnewOnNewSocket(_reason) {
    this.#replaced = this.#token || this.#replaced;
    this.#token = "";
    this.#media.discard();
    this.#window.restart(0);
    this.#title.pause();
    this.#setState("reconnecting");
    this.#socket.reconnect();
  }

  /** @param {boolean} still @param {boolean} says */
  #stands(still, says) {
    if (says) this.emit("warning", HIDDEN);
    const { said, at } = this.#still;
    const now = performance.now();
    if (this.#state !== "live" || (still ? said && now - at < STILL_AGAIN_MS : !said)) return;
    this.#still = { said: still, at: now };
    this.#socket.send({ type: "still", still });
  }

  #flush() {
    if (this.#state !== "live" || !this.#joined) return;
    for (let bytes = this.#window.take(); bytes; bytes = this.#window.take()) {
      if (!this.#socket.send(bytes)) return; // sent again by the resume
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
    globalThis.removeEventListener?.("pageshow", this.#onPageShow);
    this.#title.pause();
    this.#clock.end();
    this.#media.discard();
    this.#media.close();
    this.#socket.stop().then(() => this.#resolveClosed(why));
    if (why) this.emit("error", why);
    this.#setState(why ? "error" : "ended");
  }

  /** @param {PublishState} state */
  #setState(state) {
    if (this.#state === state) return;
    this.#state = state;
    const { wakeLock, format } = this.#options;
    const lit = wakeLock ?? format !== "binary";
    this.#wakeLock.want(lit && (state === "live" || state === "reconnecting"));
    this.emit("state", state);
  }
}
