/**
 * Odd inputs, made by combining: containers with codecs, times that go wrong, tracks that do not come,
 * pictures of all shapes. Each says what is right of it.
 */
import { both, plain } from "./odd_case.mjs";
import { muxed } from "./odd_media.mjs";
import { shapeCases } from "./odd_shapes.mjs";
import { timeCases } from "./odd_times.mjs";
import { trackCases } from "./odd_tracks.mjs";
import { writtenCases } from "./odd_written.mjs";

/** @typedef {import('./odd_case.mjs').Case} Case */

/** @type {[container: string, video: string[], audio: string[]][]} */
const HELD = [
  ["webm", ["vp8", "vp9", "av1"], ["opus", "vorbis"]],
  [
    "mkv",
    ["h264", "h264b", "hevc", "hevcb", "vp8", "vp9", "av1", "mpeg4", "mjpeg", "mpeg2", "theora"],
    ["aac", "opus", "vorbis", "mp3", "ac3", "flac", "pcm", "alac", "mp2", "eac3", "dts", "alaw"],
  ],
  [
    "mp4",
    ["h264", "h264b", "hevc", "vp9", "av1", "mpeg4"],
    ["aac", "opus", "mp3", "ac3", "flac", "alac"],
  ],
  [
    "ts",
    ["h264", "h264b", "hevc", "hevcb", "mpeg4", "mpeg2"],
    ["aac", "mp3", "ac3", "mp2", "opus", "eac3", "aac_44k"],
  ],
  ["flv", ["h264", "h264b", "flv1"], ["aac", "mp3", "speex", "alaw", "aac_44k"]],
  ["ogg", ["theora"], ["vorbis", "opus", "flac", "speex"]],
];

/** Sizes, rates, depths and channels that are less common. @type {[container: string, video: string, audio: string][]} */
const RARE = [
  ["webm", "vp8odd", "opus"],
  ["mkv", "vp8odd", "aac_51"],
  ["mp4", "h264_60", "aac"],
  ["ts", "h264_60", "aac_8k"],
  ["flv", "h264_60", "aac_51"],
  ["mkv", "h264_film", "aac_51"],
  ["mp4", "h264_film", "opus_51"],
  ["ts", "h264_film", "aac_51"],
  ["flv", "h264_film", "aac_8k"],
  ["mkv", "hevc10", "aac"],
  ["mp4", "hevc10", "aac_8k"],
  ["ts", "hevc10", "aac_51"],
  ["mkv", "av1ten", "opus_51"],
  ["mp4", "av1ten", "opus"],
  ["webm", "vp9s444", "opus_51"],
  ["mp4", "vp9s444", "flac_96k"],
  ["mkv", "h264", "flac_96k"],
  ["mkv", "h264", "ac3_51"],
  ["ts", "h264", "ac3_51"],
];

/** @returns {Case[]} */
function plainCases() {
  /** @type {Case[]} */ const out = [];
  const add = (
    /** @type {string} */ container,
    /** @type {string?} */ codec,
    /** @type {string?} */ sound,
  ) =>
    out.push({
      name: `${container} ${codec ?? "no pictures"} ${sound ?? "no sound"}`,
      container,
      codec: codec ?? undefined,
      sound: sound ?? undefined,
      kind: "plain",
      // Ogg: one stream of Opus, Vorbis or FLAC.
      refused: container === "ogg" && (codec !== null || sound === "speex"),
      bytes: () => muxed(container, both(codec ?? undefined, sound ?? undefined)),
      right: () => plain(codec ?? undefined, sound ?? undefined),
    });
  for (const [container, videos, sounds] of HELD) {
    for (const [i, video] of videos.entries()) {
      add(container, video, sounds[i % sounds.length]);
      add(container, video, null);
    }
    for (const sound of sounds.slice(videos.length === 1 ? 1 : 0)) add(container, videos[0], sound);
    for (const sound of sounds.slice(0, 4)) add(container, null, sound);
  }
  for (const [container, video, audio] of RARE) add(container, video, audio);
  return [...new Map(out.map((one) => [one.name, one])).values()];
}

/** @type {Case[]} */
export const CASES = [
  ...plainCases(),
  ...timeCases(),
  ...trackCases(),
  ...shapeCases(),
  ...writtenCases(),
];
