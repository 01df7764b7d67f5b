/** Odd inputs whose tracks do not come, come late, end, change, are unknown or several. */
import { plain } from "./odd_case.mjs";
import { CLOCKS } from "./odd_clock.mjs";
import { muxed } from "./odd_media.mjs";

/** @typedef {import('./odd_clock.mjs').Clock} Clock */
/** @typedef {import('./odd_case.mjs').Case} Case @typedef {import('./odd_case.mjs').Right} Right */

const HALF = 2000; // a keyframe
const LATE = 1500;
const MPEG4_AAC = Buffer.from([0x40, 0x15]);

/** @type {Clock} */ const promised = (kind, ms) => (kind === "audio" ? null : ms);
/** @type {Clock} */ const late = (kind, ms) => (kind === "audio" && ms < LATE ? null : ms);
/** @type {Clock} */ const ends = (kind, ms) => (kind === "audio" && ms > 1500 ? null : ms);
/** @type {Clock} */ const isAway = (kind, ms) =>
  kind === "audio" && ms > 1000 && ms < 2800 ? null : ms;
/** @type {Clock} */ const picturesEnd = (kind, ms) => (kind === "video" && ms > 1500 ? null : ms);

/** Sound that came only in part. @param {string} codec @param {(ms: number) => boolean} came @param {boolean} [ofPictures] */
async function partly(codec, came, ofPictures = false) {
  const right = await plain(codec, "aac");
  const [decoded, began] = [right.video[0], right.video[0]];
  if (ofPictures) right.video = right.video.filter((t) => came(t - began));
  else right.audio = right.audio.filter(came);
  right.apart = right.audio.length ? right.audio[0] - decoded : undefined;
  return right;
}

/** @returns {Case[]} */
export function trackCases() {
  /** @type {Case[]} */ const out = [];
  for (const container of ["ts", "flv", "mkv", "mp4"]) {
    const bend = (
      /** @type {string} */ what,
      /** @type {Clock} */ clock,
      /** @type {() => Promise<Right>} */ right,
    ) =>
      out.push({
        name: `${container} h264 aac, ${what}`,
        container,
        codec: "h264",
        sound: "aac",
        kind: "tracks",
        bytes: async () => CLOCKS[container](await muxed(container, ["h264", "aac"]), clock),
        right,
      });
    bend("sound never comes", promised, () => partly("h264", () => false));
    bend("sound comes late", late, async () => ({
      ...(await partly("h264", (ms) => ms >= LATE)),
      lateSounds: Math.ceil((HALF - LATE) / (1024 / 48)) + 2,
    }));
    bend("sound ends", ends, async () => ({
      ...(await partly("h264", (ms) => ms <= 1500)),
      filled: true,
    }));
    bend("sound is away for a while", isAway, async () => ({
      ...(await partly("h264", (ms) => ms <= 1000 || ms >= 2800)),
      filled: true,
      soundJumps: 1,
    }));
    // Of MPEG-TS FFmpeg holds the newest ones until others come.
    bend("pictures end", picturesEnd, async () => ({
      ...(await partly("h264", (ms) => ms <= 1500, true)),
      late: container === "ts" ? 2 : 0,
    }));
    out.push({
      name: `${container} h264 aac, becomes larger`,
      container,
      codec: "h264",
      sound: "aac",
      kind: "tracks",
      bytes: async () => {
        const second = await muxed(container, ["large", "aac"]);
        const goesOn = container === "ts" || container === "flv";
        const moved = goesOn ? CLOCKS[container](second, (_, ms) => ms + 4000) : second;
        return Buffer.concat([
          await muxed(container, ["h264", "aac"]),
          container === "flv" ? moved.subarray(13) : moved,
        ]);
      },
      right: async () => {
        const one = await plain("h264", "aac");
        const again = (/** @type {number[]} */ times) => [...times, ...times.map((t) => t + 4000)];
        return {
          ...one,
          video: again(one.video),
          audio: again(one.audio),
          jumps: 2,
          soundJumps: 3,
          discontinuous: true,
        };
      },
    });
  }
  for (const container of ["ts", "mkv", "mp4"]) {
    const several = (
      /** @type {string} */ what,
      /** @type {string[]} */ codecs,
      /** @type {string[]} */ more = [],
    ) =>
      out.push({
        name: `${container} ${codecs.join(" ")}, ${what}`,
        container,
        codec: codecs[0],
        sound: "aac",
        kind: "tracks",
        told: true,
        bytes: () => muxed(container, codecs, more),
        right: () => plain(codecs[0], "aac"),
      });
    several("two sounds", ["h264", "aac", "mp3"], ["-metadata:s:a:1", "language=fra"]);
    several("two pictures", ["h264", "tall", "aac"]);
    several(
      "the second is for the deaf",
      ["h264b", "aac", "ac3"],
      ["-disposition:a:1", "hearing_impaired"],
    );
  }
  /** @type {[string, string, string][]} */
  const unknown = [
    ["mkv", "A_AAC", "A_QQQ"],
    ["mp4", "mp4a", "qqqq"],
    ["mkv", "V_MPEG4/ISO/AVC", "V_QQQQQ/QQQ/QQQ"],
    ["mp4", "avc1", "qqqq"],
  ];
  for (const [container, from, to] of unknown) {
    const ofSound = from.startsWith("A") || from === "mp4a";
    out.push({
      name: `${container} h264 aac, ${ofSound ? "sound" : "pictures"} of an unknown codec`,
      container,
      codec: ofSound ? "h264" : undefined,
      sound: ofSound ? undefined : "aac",
      kind: "tracks",
      told: true,
      bytes: async () => {
        const bytes = Buffer.from(await muxed(container, ["h264", "aac"]));
        const track =
          ofSound || container === "mp4"
            ? Math.max(0, bytes.indexOf(ofSound ? "soun" : "vide"))
            : 0;
        const at = bytes.indexOf(from, track);
        bytes.write(to, at, "latin1");
        // MP4 says it twice: AAC by its number in MPEG-4, of a stream of sound.
        const told = bytes.indexOf(MPEG4_AAC, bytes.indexOf("esds", at));
        if (from === "mp4a") bytes[told] = 0xc0;
        return bytes;
      },
      right: () => (ofSound ? plain("h264", undefined) : plain(undefined, "aac")),
    });
  }
  return out;
}
