import { FramewireError } from "./errors.js";
import { HiddenWarning } from "./hidden_warning.js";
import { openEncoder } from "./open_encoder.js";
import { PacketSound } from "./packet_sound.js";
import { packetsHeader, packetsPacket } from "./packets.js";
import { drop, owned, sizeOf } from "./picture_frames.js";
import { PictureGovernor } from "./picture_governor.js";
import { openPictures } from "./picture_sources.js";

/**
 * Pictures, each a message of its own: taken when there is room for one, encoded off the main thread, sent if it
 * is another than the last. A new one replaces one that waits, so what arrives is never old. With sound they are
 * packets.
 *
 * @typedef {import('./base_publication.js').Media} Media
 * @typedef {import('./base_publication.js').Control} Control
 * @typedef {import('./picture_encoder.js').Image} Image
 * @typedef {{bytes: Uint8Array<ArrayBuffer> | Blob, size: {width: number, height: number}, atMs: number}} Held
 * @typedef {{image: Image, width: number, height: number, atMs: number, done: (sent: boolean) => void}} Waiting
 */

/** A picture that stands still is sent again so often, in milliseconds. */
const KEEP_ALIVE_MS = 1_000;
const PICTURE = 0;
const SOUND = 1;

/** @implements {Media} */
export class PictureMedia {
  #control;
  #options;
  #type;
  #codec;
  #pictures;
  #encoder = openEncoder();
  #governor;
  #fps;
  running = false;
  #stopped = false;
  /** @type {PacketSound | null} */
  #sound = null;
  #wantsSound;
  /** performance.now() of the stream's time 0. */
  #zeroMs = performance.now();
  /** @type {Waiting | null} from frame(), newest */
  #waiting = null;
  #busy = false;
  /** A picture has come for which there was no room. */
  #missed = false;
  /** A picture of a size that had to be said first, or the last one, of which the server knows nothing any more. */
  #held = /** @type {Held | null} */ (null);
  /** With `fps: 0`, where no other would follow by itself. @type {Held | null} */
  #last = null;
  #dueMs = 0;
  #lastSentMs = 0;
  #sent = 0;
  #replaced = 0;
  #equal = 0;
  /** When a picture last was another than the one before. */
  #changedMs = performance.now();
  #hidden = new HiddenWarning();
  #failures = 0;
  #encodeMs = 0;
  /** What the header said, of packets; what the hello said, of RGBA. */
  #saidSize = "";
  /** @type {{sequence: number, at: number, bytes: number}[]} pictures on their way */
  #underWay = [];
  #keepAlive;

  /**
   * @param {import('./picture_sources.js').PictureSource} source
   * @param {import('./publish_types.js').PublishOptions} options
   * @param {Control} control
   */
  constructor(source, options, control) {
    this.#control = control;
    this.#options = options;
    this.#type = typeOf(options.type);
    this.#codec = this.#type.replace("image/", "");
    this.#fps = options.fps ?? options.frameRate ?? 30;
    const failed = (/** @type {FramewireError} */ why) => control.end(why);
    this.#pictures = openPictures(source, { fps: this.#fps, failed });
    this.#governor = new PictureGovernor({
      fps: this.#fps || 30,
      hasQuality: this.#codec === "jpeg" || this.#codec === "webp",
      hasSize: this.#codec !== "rgba",
    });
    const audio = options.audio ?? this.#pictures.audio;
    this.#wantsSound = Boolean(audio);
    if (audio) this.#openSound(audio);
    if (this.#fps > 0) this.#pictures.start(() => this.#tick());
    this.#keepAlive = setInterval(() => this.#tick(true), KEEP_ALIVE_MS / 4);
  }

  /** null: of RGBA the size must be said, and is not known before the first picture. */
  get hello() {
    if (this.#wantsSound) return { format: "packets", prompt_acks: true };
    const known = this.#held?.size ?? this.#knownSize();
    if (!known) return this.#codec === "rgba" ? null : { format: this.#codec, prompt_acks: true };
    const { width, height } = known;
    this.#saidSize = `${width}x${height}`;
    return { format: this.#codec, width, height, prompt_acks: true };
  }

  /** Of the next picture, as it is sent; null: not known yet. */
  #knownSize() {
    const of = this.#waiting ?? this.#pictures.size();
    if (of.width > 0) return this.#wish(of);
    const { width, height } = this.#options;
    return width && height ? this.#wish() : null;
  }

  get stats() {
    const { quality, scale, rate } = this.#governor.level;
    return {
      mimeType: this.#type,
      /** Pictures sent; left out for a newer one; not sent for being the same as the one before. */
      sent: this.#sent,
      replaced: this.#replaced,
      equal: this.#equal,
      underWay: this.#underWay.length,
      /** What has given way to a slow network: factors of the wished quality, size and rate. */
      level: { quality, scale, rate },
      encodeMs: Math.round(this.#encodeMs * 10) / 10,
      offThread: this.#encoder.offThread,
    };
  }

  begin() {
    this.running = true;
    this.#zeroMs = performance.now();
    this.#underWay = [];
    this.#lastSentMs = 0;
    if (this.#wantsSound) this.#saidSize = "";
    if (this.#fps === 0) this.#held ??= this.#last;
  }

  discard() {
    this.running = false;
    this.#underWay = [];
  }

  async drain() {
    this.#stopped = true;
    this.#pictures.stop();
    for (let i = 0; this.#busy && i < 40; i += 1) await new Promise((go) => setTimeout(go, 25));
  }

  close() {
    this.#stopped = true;
    clearInterval(this.#keepAlive);
    this.#pictures.stop();
    this.#sound?.close();
    this.#encoder.close();
    this.#waiting?.done(false);
    this.#waiting = null;
  }

  /** Something was acknowledged. */
  room() {
    const now = performance.now();
    const { ackedTo } = this.#control.window;
    while (this.#underWay.length > 0 && this.#underWay[0].sequence < ackedTo) {
      const [{ at, bytes }] = this.#underWay.splice(0, 1);
      this.#governor.acknowledged(now, at, bytes);
    }
    if (this.#held && this.running && this.#control.connected()) {
      const { bytes, size } = this.#held;
      this.#held = null;
      this.#send(bytes, size, now);
    }
    if (this.#waiting || this.#missed) this.#next();
  }

  /**
   * The picture as it is now, whatever `fps` says.
   *
   * @param {any} [given] a picture in place of the source's
   * @returns {Promise<boolean>} true = sent; false = a newer one took its place, or it is the same as the last
   */
  async frame(given) {
    if (this.#stopped) return false;
    const atMs = performance.now();
    const image = given === undefined ? await this.#pictures.take() : await owned(given);
    if (!image) return false;
    const { width, height } = await sizeOf(image);
    return new Promise((resolve) => {
      if (this.#waiting) {
        drop(this.#waiting.image);
        this.#waiting.done(false);
        this.#replaced += 1;
      }
      this.#waiting = { image, width, height, atMs, done: resolve };
      this.#control.introduce();
      this.#next();
    });
  }

  /** There may be a new picture. @param {boolean} [late] none has come for a while */
  #tick(late = false) {
    if (this.#stopped) return;
    if (this.#pictures.ended()) {
      this.#control.stop();
      return;
    }
    this.#control.introduce();
    const now = performance.now();
    const hidden = this.#fps > 0 && globalThis.document?.hidden === true;
    const says = this.#hidden.look(hidden, now - this.#changedMs, now);
    this.#control.stands(this.#hidden.standing, says);
    if (this.#underWay.length > 0) this.#governor.waiting(now, this.#underWay[0].at);
    if (this.#missed && !late && this.#pictures.onTick) this.#next(true);
    if (late && (this.#fps === 0 || now - this.#lastSentMs < KEEP_ALIVE_MS)) return;
    const gapMs = 1000 / (this.#fps * this.#governor.level.rate || 1);
    // Animation frames come a little early and late of their time.
    if (now < this.#dueMs - 4) return;
    this.#dueMs = Math.max(this.#dueMs + gapMs, now + gapMs / 2);
    this.#missed = true;
    this.#next(!late);
  }

  /** Whether a picture may go now: few are under way, and none of them for long. */
  get #hasRoom() {
    if (!this.running || !this.#control.connected()) return false;
    if (this.#wantsSound && !this.#sound?.config) {
      if (this.#sound?.mayCome) return false;
      this.#wantsSound = false; // no sound has come; the stream is of pictures alone
      this.#control.publishAnew("no-sound");
      return false;
    }
    return this.#underWay.length < this.#governor.underWayMost;
  }

  /** @param {boolean} [onTick] called by the source */
  async #next(onTick = false) {
    if (this.#busy || !this.#hasRoom || this.#stopped) return;
    this.#busy = true;
    let mayTake = onTick || !this.#pictures.onTick;
    try {
      while ((this.#waiting || (this.#missed && mayTake)) && this.#hasRoom && !this.#stopped) {
        const taken = this.#one();
        mayTake = !this.#pictures.onTick; // after the first wait the tick is over
        await taken;
      }
      this.#failures = 0;
    } catch (cause) {
      this.#failed(cause);
    }
    this.#busy = false;
  }

  async #one() {
    const waiting = this.#waiting ?? (await this.#takeOne());
    this.#waiting = null;
    this.#missed = false;
    if (!waiting) return;
    const { image, atMs, done } = waiting;
    const began = performance.now();
    const again = began - this.#lastSentMs >= KEEP_ALIVE_MS;
    const wish = this.#wish(waiting);
    const blob = this.#options.messages === "blob" && !this.#wantsSound;
    const { bytes } = await this.#encoder.encode(image, {
      type: this.#type,
      quality: (this.#options.quality ?? 0.8) * this.#governor.level.quality,
      ...wish,
      asIs: this.#governor.steps === 0 && !this.#options.width && !this.#options.height,
      blob,
      again,
    });
    this.#encodeMs += (performance.now() - began - this.#encodeMs) / 8;
    if (bytes && !again) this.#changedMs = began;
    if (!bytes || !this.running) {
      if (!bytes) this.#equal += 1;
      done(false);
      return;
    }
    this.#send(bytes, wish, atMs);
    done(true);
  }

  /** @returns {Promise<Waiting | null>} */
  async #takeOne() {
    const atMs = performance.now();
    const image = await this.#pictures.take();
    const { width, height } = this.#pictures.size();
    return image && { image, width, height, atMs, done: () => {} };
  }

  /** The size of what is sent. @param {{width: number, height: number}} [of] */
  #wish(of = this.#pictures.size()) {
    const { scale } = this.#governor.level;
    const { width, height } = this.#options;
    const ratio = of.height > 0 ? of.width / of.height : 1;
    const wide = width ?? (height ? height * ratio : of.width);
    const high = height ?? (width ? width / ratio : of.height);
    return {
      width: Math.max(1, Math.round(wide * scale)),
      height: Math.max(1, Math.round(high * scale)),
    };
  }

  /** @param {Uint8Array<ArrayBuffer> | Blob} bytes @param {{width: number, height: number}} size @param {number} atMs */
  #send(bytes, size, atMs) {
    const said = `${size.width}x${size.height}`;
    if (said !== this.#saidSize) {
      if (this.#codec === "rgba" && !this.#wantsSound) {
        this.#held = { bytes, size, atMs };
        this.#control.publishAnew("resized"); // only the hello tells how large they are
        return;
      }
      this.#saidSize = said;
      if (this.#wantsSound) this.#sendHeader(size);
    }
    const now = performance.now();
    const ptsUs = Math.round((atMs - this.#zeroMs) * 1000);
    const times = { ptsUs, captureUs: Math.round((performance.timeOrigin + atMs) * 1000) };
    const payload =
      this.#wantsSound && bytes instanceof Uint8Array
        ? packetsPacket(PICTURE, { type: "key", timestamp: ptsUs, data: bytes })
        : bytes;
    if (this.#fps === 0) this.#last = { bytes, size, atMs };
    const sequence = this.#control.window.pushWhole(payload, times, now);
    const length = bytes instanceof Blob ? bytes.size : bytes.byteLength;
    this.#underWay.push({ sequence, at: now, bytes: length });
    this.#lastSentMs = now;
    this.#sent += 1;
    this.#control.flush();
  }

  /** @param {{width: number, height: number}} size */
  #sendHeader({ width, height }) {
    const config = /** @type {import('./sound_source.js').SoundConfig} */ (this.#sound?.config);
    const picture = { codec: this.#codec, codedWidth: width, codedHeight: height };
    const bytes = packetsHeader([picture, config]);
    this.#control.window.pushWhole(bytes, { captureUs: 0, ptsUs: 0 }, performance.now());
  }

  /** @param {MediaStream} audio */
  #openSound(audio) {
    this.#sound = new PacketSound(
      audio,
      this.#options,
      (packet) => this.#onSound(packet),
      (message) => this.#control.emit("warning", { code: "no-data", message }),
    );
  }

  /** @param {import('./packet_sound.js').TimedSound} packet */
  #onSound({ atMs, durationUs, data }) {
    if (!this.running || !this.#saidSize || this.#stopped || !this.#control.connected()) return;
    const timestamp = Math.round((atMs - this.#zeroMs) * 1000);
    const payload = packetsPacket(SOUND, { type: "key", timestamp, duration: durationUs, data });
    const times = {
      ptsUs: timestamp,
      captureUs: Math.round((performance.timeOrigin + atMs) * 1000),
    };
    this.#control.window.pushWhole(payload, times, performance.now());
    this.#control.flush();
  }

  /** @param {unknown} cause */
  #failed(cause) {
    this.#failures += 1;
    this.#missed = false;
    if (this.#failures < 5 && !(cause instanceof FramewireError)) return;
    const message = `The pictures cannot be encoded: ${/** @type {Error} */ (cause).message}`;
    const why = new FramewireError("recorder-failed", message, { cause });
    this.#control.end(cause instanceof FramewireError ? cause : why);
  }
}

const TYPES = ["image/jpeg", "image/webp", "image/png", "rgba"];

/** @param {string} [wished] also without the `image/` @returns {string} */
function typeOf(wished = "image/jpeg") {
  const plain = wished.toLowerCase().replace(/^image\//, "");
  const type = TYPES.find((each) => each.replace("image/", "") === plain.replace(/^jpg$/, "jpeg"));
  if (type) return type;
  throw new FramewireError(
    "bad-source",
    `Pictures cannot be sent as ${wished}. Types: ${TYPES.join(", ")}.`,
  );
}
