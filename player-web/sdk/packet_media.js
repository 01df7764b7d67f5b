import { FramewireError } from "./errors.js";
import { HiddenTicks } from "./hidden_ticks.js";
import { HiddenWarning } from "./hidden_warning.js";
import { PacketEpochs } from "./packet_epochs.js";
import { PacketGovernor } from "./packet_governor.js";
import { PacketPictures } from "./packet_pictures.js";
import { PacketSound } from "./packet_sound.js";

/**
 * Pictures and sound by WebCodecs' encoders, each packet a message, sent as soon as it is there. While the network or
 * the encoder is behind, pictures are left out before they are encoded, never after.
 *
 * @typedef {import('./base_publication.js').Media} Media
 * @typedef {import('./base_publication.js').Control} Control
 * @typedef {import('./packet_capture.js').PacketSource} PacketSource
 */

const WATCH_MS = 100;
/** Between keyframes, in milliseconds: where the server asks for one when somebody joins, and where it does not. */
const ASKED_GROUP_MS = 10_000;
const GROUP_MS = 2_000;
/** So long without a packet, and something is wrong, in milliseconds. */
const NO_DATA_MS = 5_000;

/** @implements {Media} */
export class PacketMedia {
  #control;
  #options;
  #unfit;
  #source;
  /** Sound beside the pictures, in place of the source's own. @type {MediaStream | null | undefined} */
  #audio;
  #governor;
  #keyframeMs;
  /** @type {PacketPictures} */
  #pictures;
  /** @type {PacketSound | null} */
  #sound = null;
  /** @type {PacketEpochs} */
  #epochs;
  /** The stream's time 0, since 1970. */
  #zeroUs = 0;
  running = false;
  #stopped = false;
  #held = true;
  /** The connection is, or was, away while this went on. */
  #away = false;
  #packetMs = performance.now();
  /** @type {{sequence: number, at: number, bytes: number}[]} pictures on their way */
  #underWay = [];
  #counts = { sent: 0, keyPackets: 0, dropped: 0 };
  #encodeMs = 0;
  #hidden = new HiddenWarning();
  #watchTimer;
  #hiddenWatch;

  /**
   * @param {PacketSource} source
   * @param {import('./publish_types.js').PublishOptions} options
   * @param {Control} control
   * @param {(why: FramewireError) => void} unfit packets cannot be had of this, in this browser
   */
  constructor(source, options, control, unfit) {
    this.#control = control;
    this.#options = options;
    this.#unfit = unfit;
    this.#source = source;
    this.#audio = options.audio;
    this.#governor = new PacketGovernor({
      most: options.videoBitsPerSecond ?? 2_500_000,
      fps: (options.fps ?? options.frameRate) || 30,
      adaptive: options.adaptive,
    });
    this.#keyframeMs = options.keyframeMs ?? GROUP_MS;
    this.#pictures = this.#openPictures(source);
    this.#epochs = this.#begun();
    this.#watchTimer = setInterval(() => this.#watch(), WATCH_MS);
    this.#hiddenWatch = new HiddenTicks(WATCH_MS, () => this.#watch());
  }

  get hello() {
    if (!this.#pictures.ready) return null;
    const { width, height } = this.#pictures.size;
    const size = width > 0 ? { width, height } : {};
    return { format: "packets", prompt_acks: true, keyframes: true, ...size };
  }

  get stats() {
    const { codecs } = this.#epochs;
    return {
      mimeType: `application/vnd.framewire.packets${codecs && `;codecs=${codecs}`}`,
      /** What pictures are encoded with now: the option, or less while the connection is slow. */
      videoBitsPerSecond: this.#governor.bits,
      /** Pictures sent, those of them at which a viewer can join, and those left out before they were encoded. */
      ...this.#counts,
      underWay: this.#underWay.length,
      encodeMs: Math.round(this.#encodeMs * 10) / 10,
      way: { as: /** @type {const} */ ("packets"), ...this.#pictures.told },
    };
  }

  /** @param {boolean} will */
  willBeAsked(will) {
    this.#keyframeMs = this.#options.keyframeMs ?? (will ? ASKED_GROUP_MS : GROUP_MS);
    this.#pictures.setKeyframeMs(this.#keyframeMs);
  }

  keyframe() {
    this.#pictures.wantKey();
  }

  begin() {
    this.running = true;
    this.#underWay = [];
    this.#packetMs = performance.now();
    this.#zeroUs = timeOfDayUs(performance.now());
    this.#epochs.begin(this.#zeroUs);
    this.#pictures.wantKey();
    this.#mind();
  }

  discard() {
    this.running = false;
    this.#underWay = [];
    this.#mind();
  }

  async drain() {
    this.#stopped = true;
    await this.#pictures.drain();
  }

  close() {
    this.#stopped = true;
    clearInterval(this.#watchTimer);
    this.#hiddenWatch.stop();
    this.#sound?.close();
    this.#pictures.close();
  }

  /** Something was acknowledged, or the connection is back. */
  room() {
    const now = performance.now();
    const { ackedTo } = this.#control.window;
    let changed = false;
    while (this.#underWay.length > 0 && this.#underWay[0].sequence < ackedTo) {
      const [{ at, bytes }] = this.#underWay.splice(0, 1);
      changed = this.#governor.acknowledged(now, at, bytes) || changed;
    }
    if (changed) {
      this.#pictures.setBitrate(this.#governor.bits);
      this.#control.emit("bitrate", this.#governor.bits);
    }
    if (this.#away && this.#control.connected()) {
      this.#away = false;
      this.#pictures.wantKey(); // who came meanwhile waits for one
    }
    this.#mind();
  }

  /**
   * Goes on with another source.
   *
   * @param {PacketSource} source
   * @param {MediaStream | null} [audio] sound beside it; null = its own; default: as before
   */
  replace(source, audio = this.#audio) {
    const before = this.#pictures;
    this.#pictures = this.#openPictures(source);
    this.#source = source;
    this.#audio = audio;
    before.close();
    this.#sound?.close();
    this.#epochs = this.#begun();
    this.#epochs.begin(this.#zeroUs);
    this.#mind();
  }

  /** @param {PacketSource} source */
  #openPictures(source) {
    const settings = { bitrate: this.#governor.bits, keyframeMs: this.#keyframeMs };
    /** @type {PacketPictures} */
    const pictures = new PacketPictures(source, this.#options, settings, {
      packet: (packet) => this.#onPacket(packet),
      dropped: (count) => {
        if (this.running) this.#counts.dropped += count;
      },
      mayTake: () => this.#mayTake(),
      ready: () => {
        this.#control.introduce();
        this.#mind();
      },
      ended: () => this.#watch(),
      unfit: (why) => this.#unfit(why),
      failed: (why) => this.#control.end(why),
    });
    return pictures;
  }

  /** What goes with the pictures. */
  #begun() {
    const { silent, audio } = this.#pictures;
    const beside = this.#audio ?? audio;
    this.#sound = beside ? this.#openSound(beside) : null;
    this.#held = true;
    return new PacketEpochs((bytes, times) => this.#push(bytes, times), silent);
  }

  /** @param {MediaStream} audio */
  #openSound(audio) {
    /** @type {PacketSound} */
    const sound = new PacketSound(
      audio,
      this.#options,
      (packet) => this.#onSound(sound, packet),
      (message) => this.#control.emit("warning", { code: "no-data", message }),
      this.#options.as === "packets" ? undefined : (why) => this.#unfit(why),
    );
    return sound;
  }

  /** Whether a picture may be encoded now. */
  get #mayEncode() {
    return (
      this.running &&
      this.#pictures.ready &&
      this.#control.connected() &&
      !this.#sound?.mayCome &&
      this.#underWay.length < this.#governor.underWayMost
    );
  }

  #mind() {
    if (this.running && !this.#control.connected()) this.#away = true;
    const held = !this.#mayEncode;
    if (held !== this.#held) this.#pictures.hold(held);
    this.#held = held;
  }

  #mayTake() {
    if (!this.running) return false;
    this.#mind();
    if (this.#held) this.#counts.dropped += 1;
    return !this.#held;
  }

  /** @param {import('./frame_encoder.js').PicturePacket} packet */
  #onPacket(packet) {
    if (!this.running) return;
    const now = performance.now();
    this.#packetMs = now;
    this.#encodeMs += (packet.encodeMs - this.#encodeMs) / 8;
    const bytes = packet.data.byteLength;
    if (!this.#epochs.picture(packet)) return;
    this.#underWay.push({ sequence: this.#control.window.next - 1, at: now, bytes });
    this.#counts.sent += 1;
    if (packet.key) this.#counts.keyPackets += 1;
    this.#control.flush();
    this.#mind();
  }

  /** @param {PacketSound} sound @param {import('./packet_sound.js').TimedSound} packet */
  #onSound({ config }, { atMs, durationUs, data }) {
    if (!config) return;
    this.#epochs.expectSound(config);
    if (!this.running || this.#stopped || !this.#control.connected()) return;
    if (this.#epochs.sound({ atUs: timeOfDayUs(atMs), durationUs, data })) {
      if (this.#pictures.silent) this.#packetMs = performance.now();
      this.#control.flush();
    } else if (this.#counts.sent > 0) this.#pictures.wantKey(); // it is said with a key packet
    this.#mind();
  }

  /** @param {Uint8Array} bytes @param {import('./packet_epochs.js').Times} times */
  #push(bytes, times) {
    const { window } = this.#control;
    const now = performance.now();
    if (bytes.byteLength <= window.messageMost) window.pushWhole(bytes, times, now);
    else window.push(bytes, times.captureUs, now);
  }

  #watch() {
    if (this.#stopped) return;
    if (this.#pictures.ended) {
      this.#control.stop();
      return;
    }
    const { changed } = this.#pictures;
    if (changed) {
      this.#control.emit("warning", { code: "source-changed", message: changed });
      this.replace(this.#source);
    }
    this.#mind();
    this.#pictures.look();
    const now = performance.now();
    const hidden = globalThis.document?.hidden === true;
    const says = this.#hidden.look(hidden, this.#pictures.stillMs, now);
    this.#control.stands(this.#hidden.standing, says);
    if (!this.running || !this.#control.connected()) this.#packetMs = now;
    if (now - this.#packetMs < NO_DATA_MS) return;
    this.#packetMs = Number.POSITIVE_INFINITY; // said once, until there is some
    const text = "The source gives no pictures and no sound, or the encoder nothing of them.";
    if (this.#counts.sent === 0) this.#unfit(new FramewireError("recorder-failed", text));
    else this.#control.emit("warning", { code: "no-data", message: text });
  }
}

/** @param {number} ms as performance.now() @returns {number} since 1970, in microseconds */
const timeOfDayUs = (ms) => (performance.timeOrigin + ms) * 1000;
