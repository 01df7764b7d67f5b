/** Odd inputs whose pictures are turned, mirrored, oblong, interlaced, not 8-bit 4:2:0, or seen through. */
import { element, float, ID, unsigned, withTracks } from "./ebml.mjs";
import { both, plain } from "./odd_case.mjs";
import { boxes } from "./odd_clock.mjs";
import { CORNERS, HEIGHT, muxed, WIDTH } from "./odd_media.mjs";

/** @typedef {import('./odd_case.mjs').Case} Case @typedef {import('./odd_case.mjs').Right} Right */

/** How EXIF numbers these. @type {Record<string, number>} */
export const EXIF = {
  "turned by 90": 6,
  "turned by 180": 3,
  "turned by 270": 8,
  mirrored: 2,
  "upside down": 4,
};
/** Row by row: a b u c d v x y w. @type {Record<string, {matrix: number[], corners: number[], swaps: boolean}>} corners: which of the file's is left above, right above, ... */
export const TURNS = {
  "turned by 90": { matrix: [0, 1, -1, 0], corners: [2, 0, 3, 1], swaps: true },
  "turned by 180": { matrix: [-1, 0, 0, -1], corners: [3, 2, 1, 0], swaps: false },
  "turned by 270": { matrix: [0, -1, 1, 0], corners: [1, 3, 0, 2], swaps: true },
  mirrored: { matrix: [-1, 0, 0, 1], corners: [1, 0, 3, 2], swaps: false },
  "upside down": { matrix: [1, 0, 0, -1], corners: [2, 3, 0, 1], swaps: false },
};

/** @param {Buffer} mp4 @param {number[]} matrix */
function withMatrix(mp4, [a, b, c, d]) {
  const out = Buffer.from(mp4);
  const moov = boxes(out).find((one) => one.type === "moov")?.body ?? Buffer.alloc(0);
  for (const trak of boxes(moov)) {
    const head = boxes(trak.body).find((one) => one.type === "tkhd")?.body;
    if (trak.type !== "trak" || !head || trak.body.indexOf("vide") < 0) continue;
    for (const [i, value] of [a, b, 0, c, d, 0].entries())
      head.writeInt32BE(value * 0x10000, 40 + 4 * i);
    break;
  }
  return out;
}

/** @param {Buffer} mkv @param {[number, Buffer][]} values of the pictures */
const withVideo = (mkv, values) =>
  withTracks(mkv, (entry, type) => {
    if (type !== 1) return;
    const video = entry.find((one) => one.id === ID.video);
    const ids = values.map(([id]) => id);
    if (video?.children)
      video.children = [
        ...video.children.filter((one) => !ids.includes(one.id)),
        ...values.map(([id, data]) => ({ id, data })),
      ];
  });

/** @returns {Case[]} */
export function shapeCases() {
  /** @type {Case[]} */ const out = [];
  const add = (
    /** @type {string} */ container,
    /** @type {string} */ codec,
    /** @type {string} */ what,
    /** @type {(bytes: Buffer) => Buffer} */ bend,
    /** @type {Partial<Right>} */ right,
    /** @type {{sound?: string, reshaped?: boolean}} */ { sound = "aac", reshaped = false } = {},
  ) =>
    out.push({
      name: `${container} ${codec}${sound ? ` ${sound}` : ""}${what ? `, ${what}` : ""}`,
      container,
      codec,
      sound: sound || undefined,
      kind: "shape",
      reshaped,
      bytes: async () => bend(await muxed(container, both(codec, sound || undefined))),
      right: () =>
        plain(codec, sound || undefined, {
          shown: [WIDTH, HEIGHT],
          corners: CORNERS,
          ...right,
        }),
    });
  const same = (/** @type {Buffer} */ bytes) => bytes;
  for (const [what, { matrix, corners, swaps }] of Object.entries(TURNS)) {
    const right = {
      shown: /** @type {[number, number]} */ (swaps ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT]),
      corners: corners.map((i) => CORNERS[i]),
    };
    for (const codec of ["h264", "h264b", "hevc", "vp9"])
      if (codec !== "vp9" || what === "turned by 90")
        add("mp4", codec, what, (mp4) => withMatrix(mp4, matrix), right, { reshaped: true });
  }
  for (const [what, roll] of /** @type {[string, number][]} */ ([
    ["turned by 90", -90],
    ["turned by 180", 180],
    ["turned by 270", 90],
  ])) {
    const { corners, swaps } = TURNS[what];
    const pose = Buffer.concat([
      element(ID.projectionType, unsigned(0)),
      element(ID.poseRoll, float(roll)),
    ]);
    for (const [container, codec, sound] of [
      ["mkv", "h264", "aac"],
      ["webm", "vp8", "opus"],
    ])
      add(
        container,
        codec,
        what,
        (mkv) => withVideo(mkv, [[ID.projection, pose]]),
        {
          shown: swaps ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT],
          corners: corners.map((i) => CORNERS[i]),
        },
        { sound, reshaped: true },
      );
  }
  const wide = { shown: /** @type {[number, number]} */ ([(HEIGHT * 4) / 3, HEIGHT]) };
  for (const container of ["ts", "flv", "mkv", "mp4"])
    add(container, "sar", "oblong pixels", same, wide);
  add("ts", "mpeg2i", "interlaced, oblong pixels", same, wide, { sound: "mp2" });
  for (const [container, codec, sound] of [
    ["mkv", "h264", "aac"],
    ["webm", "vp9", "opus"],
    ["webm", "vp8", "opus"],
  ]) {
    add(
      container,
      codec,
      "shown as 4:3",
      (mkv) =>
        withVideo(mkv, [
          [ID.displayWidth, unsigned(144)],
          [ID.displayHeight, unsigned(108)],
        ]),
      wide,
      { sound, reshaped: true },
    );
  }
  for (const container of ["ts", "mkv", "mp4", "flv"]) {
    add(container, "interlaced", "", same, {});
    add(container, "full", "full range", same, {});
    add(container, "tall", "", same, { shown: [108, 192] });
  }
  for (const codec of ["ten", "s422", "s444"])
    for (const container of ["ts", "mkv", "mp4"]) add(container, codec, "", same, {});
  add("webm", "vp9ten", "", same, {}, { sound: "opus" });
  const below = [CORNERS[0], CORNERS[1], null, null];
  for (const codec of ["vp8alpha", "vp9alpha"])
    add("webm", codec, "", same, { corners: below }, { sound: "opus" });
  return out;
}
