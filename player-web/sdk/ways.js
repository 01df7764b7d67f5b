/**
 * Which rendition is asked for, and how it is shown: the first way that works, of those that a format has. Pure.
 *
 * A viewer begins with `.webm`, which is what most streams are. Where the server has none it asks for what was
 * published, and once that is known, for the first of its ways. A way that fails is not tried again before the
 * stream has ended.
 *
 * @typedef {'.webm' | '' | '.mp4' | '.h264' | 'hls'} Rendition '' = as published; 'hls' = the browser's own player
 * @typedef {'mse' | 'webcodecs' | 'canvas' | 'raw' | 'hls'} By
 * @typedef {{rendition: Rendition, by: By}} Way
 * @typedef {{format: string, mime: string, tracks?: {kind: string, codec: string}[]}} StreamInfo
 * @typedef {object} Abilities
 * @property {(mime: string) => boolean} canPlay by Media Source Extensions
 * @property {boolean} canHls
 * @property {boolean} canDecode by WebCodecs
 */

const PICTURES = new Set(["jpeg", "png", "webp", "rgba"]);
/** What is painted without a codec. */
const PLAIN_CODEC = /^(jpeg|png|webp|rgba|i420|pcm-)/;
const LAST = /** @type {Way[]} */ ([
  { rendition: ".mp4", by: "mse" },
  { rendition: ".h264", by: "mse" },
  { rendition: "hls", by: "hls" },
]);
const WORDS = { mse: "Media Source Extensions", webcodecs: "WebCodecs", canvas: "a canvas" };

export class Ways {
  #can;
  /** @type {Map<string, string>} why not, by way */
  #failed = new Map();
  #format = "";
  /** What was left, and is better than nothing. @type {Way | null} */
  #left = null;
  #returned = false;
  /** As published, once it has been seen. @type {StreamInfo | null} */
  #origin = null;
  /** @type {Way} */
  #now = { rendition: ".webm", by: "mse" };

  /** @param {Abilities} can */
  constructor(can) {
    this.#can = can;
  }

  get rendition() {
    return this.#now.rendition;
  }

  /** What was taken, and why not what comes before it. */
  get told() {
    const whys = [...this.#failed.values()];
    const how = whys.length > 0 ? whys.join(" ") : "The first choice for this format.";
    return { rendition: this.#now.rendition, by: this.#now.by, why: how };
  }

  /** The stream is over: the next one may be of another kind. */
  startOver() {
    this.#failed.clear();
    this.#left = null;
    this.#returned = false;
    this.#origin = null;
    this.#format = "";
    this.#now = { rendition: ".webm", by: "mse" };
  }

  /** Whether ways have been left behind, so that another stream had better begin anew. */
  get strayed() {
    return this.#failed.size > 0 || !["", ".webm"].includes(this.#now.rendition);
  }

  /**
   * A `stream` message has come.
   *
   * @param {StreamInfo} info
   * @returns {Way | null} what to do: a way with this very rendition is to be taken now; with another one it is to
   *   be asked for; null = there is none
   */
  take(info) {
    const { rendition } = this.#now;
    if (rendition === "" || rendition === ".webm") this.#learn(info.format);
    if (rendition === "") this.#origin = info;
    if (rendition === "" || (rendition === ".webm" && info.format !== "webm")) {
      if (rendition === ".webm" && this.#can.canPlay(info.mime)) return this.#now;
      return this.#choose();
    }
    if (this.#can.canPlay(info.mime)) return this.#now;
    return this.fail(`This browser cannot play ${info.mime || info.format}.`);
  }

  /** @param {string} format of the origin. Another one has other ways. */
  #learn(format) {
    if (this.#format === format || this.#format === "ogg") return;
    if (this.#format !== "") this.#failed.clear();
    this.#format = format;
  }

  /**
   * The present way does not work.
   *
   * @param {string} why a sentence
   * @returns {Way | null} the next one
   */
  fail(why) {
    this.#failed.set(keyOf(this.#now), `${nameOf(this.#now)}: ${why}`);
    return this.#choose();
  }

  /** What was published no longer goes on: whether to fail() it. Where no other way works, it is returned to, and kept. */
  leave() {
    const { rendition, by } = this.#now;
    if (by !== "mse" || this.#left || (rendition !== "" && rendition !== ".webm")) return false;
    this.#left = this.#now;
    return true;
  }

  /** The server has no such rendition. @param {string} why @returns {Way | null} */
  refused(why) {
    if (this.#now.rendition === ".webm" && this.#format !== "ogg") {
      this.#now = { rendition: "", by: "mse" };
      return this.#now;
    }
    return this.fail(why);
  }

  /** @returns {Way | null} */
  #choose() {
    const info = this.#origin;
    const plan = planFor(this.#format, info, this.#can);
    for (const way of plan) {
      if (this.#failed.has(keyOf(way))) continue;
      if (this.#left && !this.#returned && way.by === "hls") break; // which ends with an error
      if (this.#fits(way, info)) {
        this.#now = way;
        return way;
      }
      const what = way.by === "hls" ? "HLS by itself" : info?.mime || info?.format;
      this.#failed.set(keyOf(way), `${nameOf(way)}: This browser cannot play ${what}.`);
    }
    if (!this.#left || this.#returned) return null;
    this.#returned = true;
    this.#failed.delete(keyOf(this.#left));
    this.#now = this.#left;
    return this.#now;
  }

  /** @param {Way} way @param {StreamInfo | null} info */
  #fits({ rendition, by }, info) {
    if (by === "hls") return this.#can.canHls;
    if (rendition !== "" || by !== "mse") return true;
    return info !== null && this.#can.canPlay(info.mime);
  }
}

/** @param {string} format @param {StreamInfo | null} info @param {Abilities} can @returns {Way[]} */
function planFor(format, info, can) {
  if (format === "binary") return [{ rendition: "", by: "raw" }];
  if (PICTURES.has(format)) return [{ rendition: "", by: "canvas" }, ...LAST];
  if (format === "packets") {
    const plain = (info?.tracks ?? []).every(({ codec }) => PLAIN_CODEC.test(codec));
    if (plain) return [{ rendition: "", by: "canvas" }, ...LAST];
    return can.canDecode ? [{ rendition: "", by: "webcodecs" }, ...LAST] : LAST;
  }
  if (format === "webm" || format === "ogg") return [{ rendition: ".webm", by: "mse" }, ...LAST];
  return [{ rendition: "", by: "mse" }, ...LAST];
}

/** @param {Way} way */
const keyOf = ({ rendition, by }) => `${rendition} ${by}`;

/** @param {Way} way */
function nameOf({ rendition, by }) {
  const what = rendition === "" ? "As published" : rendition;
  return by in WORDS ? `${what} by ${WORDS[/** @type {keyof typeof WORDS} */ (by)]}` : what;
}
