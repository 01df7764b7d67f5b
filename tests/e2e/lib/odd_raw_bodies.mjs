/** Bodies that are wrapped, and pictures of forms that are rare. */
import { deflateSync, gzipSync } from "node:zlib";
import { ffmpeg } from "./odd_media.mjs";
import { COUNT, PICTURES, SOUND } from "./odd_raw_bare.mjs";
import { both, film, ts } from "./odd_raw_files.mjs";
import { inBites, inStep } from "./odd_raw_run.mjs";

/** @typedef {import('./odd_raw_run.mjs').Raw} Raw */

const FORM = "----odd2718281828";
/** @param {string} head @param {Buffer} body */
const form = (head, body) =>
  Buffer.concat([
    Buffer.from(`--${FORM}\r\n${head}\r\n\r\n`),
    body,
    Buffer.from(`\r\n--${FORM}--\r\n`),
  ]);

/** @param {string} args */
const stills = (args) => ffmpeg([...PICTURES, ...args.split(" "), "-f", "image2pipe", "-"]);
const jpegs = (args = "-q:v 4") => stills(`-c:v mjpeg ${args}`);
/** @param {Buffer} all */
function cutJpegs(all) {
  const out = [];
  for (let at = 0; at >= 0 && at < all.length; ) {
    const next = all.indexOf(Buffer.from("ffd8ff", "hex"), at + 3);
    out.push(all.subarray(at, next < 0 ? all.length : next));
    at = next;
  }
  return out;
}
/** As a camera's server writes them. @param {Buffer[]} pictures @param {(size: number) => string} head @param {string} [behind] */
const parts = (pictures, head, behind = "\r\n") =>
  Buffer.concat(
    pictures.flatMap((one) => [Buffer.from(head(one.length)), one, Buffer.from(behind)]),
  );
const mpjpeg =
  (/** @type {(size: number) => string} */ head, behind = "\r\n") =>
  async () =>
    parts(cutJpegs(await jpegs()), head, behind);

/** Of pictures the first group that an encoder begins with may be a later one. */
const drawn = { pictures: COUNT, exact: false, missed: 50, query: "?fps=25" };
const whole = { pictures: COUNT, missed: 50, query: "?fps=25" };

/** @type {Raw[]} */
export const BODIES = [
  {
    name: "a form whose file is MPEG-TS",
    bytes: async () =>
      form('Content-Disposition: form-data; name="f"; filename="a.ts"', await ts()),
    headers: { "Content-Type": `multipart/form-data; boundary=${FORM}` },
    ...both,
    exact: false,
  },
  {
    name: "a form without a file name",
    bytes: async () => form('Content-Disposition: form-data; name="f"', await ts()),
    headers: { "Content-Type": `multipart/form-data; boundary=${FORM}` },
  },
  {
    name: "curl --data-binary calls it a form",
    bytes: ts,
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    ...both,
  },
  {
    name: "gzip, told",
    bytes: async () => gzipSync(await ts()),
    headers: { "Content-Encoding": "gzip" },
    ...both,
    exact: false,
  },
  { name: "gzip, not told", bytes: async () => gzipSync(await ts()), ...both, exact: false },
  {
    name: "gzip of several members",
    bytes: async () => Buffer.concat(inStep(await ts()).map((piece) => gzipSync(piece))),
    ...both,
    exact: false,
  },
  {
    name: "gzip that ends too soon",
    bytes: async () => gzipSync(await ts()).subarray(0, -200),
  },
  {
    name: "gzip, byte by byte at first",
    bytes: async () => gzipSync(await ts()),
    pieces: inBites(1, 2000),
    ...both,
    exact: false,
  },
  {
    name: "gzip of a form",
    bytes: async () =>
      gzipSync(form('Content-Disposition: form-data; name="f"; filename="a.ts"', await ts())),
    ...both,
    exact: false,
  },
  {
    name: "deflate",
    bytes: async () => deflateSync(await ts()),
    headers: { "Content-Encoding": "deflate" },
    refused: { status: 415, says: /gzip/ },
  },
  {
    name: "mpjpeg with sizes",
    bytes: mpjpeg((size) => `--cam\r\nContent-Type: image/jpeg\r\nContent-Length: ${size}\r\n\r\n`),
    ...drawn,
  },
  {
    name: "mpjpeg without sizes",
    bytes: mpjpeg(() => "--cam\r\nContent-Type: image/jpeg\r\n\r\n"),
    ...drawn,
  },
  {
    name: "mpjpeg, the boundary only in the header",
    bytes: mpjpeg(
      (size) =>
        `--cam\r\nX-Timestamp: 12.5\r\nContent-Type: image/jpeg\r\nContent-Length: ${size}\r\n\r\n`,
    ),
    headers: { "Content-Type": "multipart/x-mixed-replace;boundary=cam" },
    ...drawn,
  },
  {
    name: "mpjpeg, the dashes in the header, too",
    bytes: mpjpeg(() => "--cam\r\nContent-Type: image/jpeg\r\n\r\n"),
    headers: { "Content-Type": 'multipart/x-mixed-replace; boundary="--cam"' },
    ...drawn,
  },
  {
    name: "mpjpeg, a preamble",
    bytes: async () =>
      Buffer.concat([
        Buffer.from("This is a stream of pictures.\r\n\r\n"),
        await mpjpeg(() => "--cam\r\nContent-Type: image/jpeg\r\n\r\n")(),
      ]),
    headers: { "Content-Type": "multipart/x-mixed-replace; boundary=cam" },
    told: ["format-unknown"],
  },
  {
    name: "mpjpeg, lines end with LF",
    bytes: mpjpeg((size) => `--cam\nContent-Type: image/jpeg\nContent-Length: ${size}\n\n`, "\n"),
    headers: { "Content-Type": "multipart/x-mixed-replace; boundary=cam" },
    ...drawn,
  },
  {
    name: "mpjpeg, nothing behind a picture",
    bytes: mpjpeg(
      (size) => `--cam\r\nContent-Type: image/jpeg\r\nContent-Length: ${size}\r\n\r\n`,
      "",
    ),
    headers: { "Content-Type": "multipart/x-mixed-replace; boundary=cam" },
    ...drawn,
  },
  {
    name: "mpjpeg, byte by byte at first",
    bytes: mpjpeg(() => "--cam\r\nContent-Type: image/jpeg\r\n\r\n"),
    pieces: inBites(1, 4000),
    ...drawn,
  },
];

const DHT = 0xc4;
/** Markers and what belongs to them, up to the scan. @param {Buffer} jpeg @param {(marker: number, whole: Buffer) => Buffer[]} each */
function eachMarker(jpeg, each) {
  const out = [jpeg.subarray(0, 2)];
  let at = 2;
  while (jpeg[at] === 0xff && jpeg[at + 1] !== 0xda) {
    const size = 2 + jpeg.readUInt16BE(at + 2);
    out.push(...each(jpeg[at + 1], jpeg.subarray(at, at + size)));
    at += size;
  }
  return Buffer.concat([...out, jpeg.subarray(at)]);
}
const eachJpeg = async (/** @type {(jpeg: Buffer) => Buffer} */ bend, args = "-q:v 4") =>
  Buffer.concat(cutJpegs(await jpegs(args)).map(bend));
/** EXIF with a picture in it. @param {Buffer} jpeg */
const withThumbnail = (jpeg) => {
  const inner = Buffer.concat([
    Buffer.from("Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0", "latin1"),
    jpeg.subarray(0, 6000),
    Buffer.from("ffd9", "hex"),
  ]);
  const head = Buffer.from([0xff, 0xe1, (inner.length + 2) >> 8, (inner.length + 2) & 255]);
  return Buffer.concat([jpeg.subarray(0, 2), head, inner, jpeg.subarray(2)]);
};

/** @type {Raw[]} */
export const STILLS = [
  { name: "jpeg", bytes: () => jpegs(), ...whole },
  {
    name: "jpeg, stray bytes between",
    bytes: () => eachJpeg((jpeg) => Buffer.concat([jpeg, Buffer.alloc(64)])),
    told: ["picture-padding"],
    ...drawn,
  },
  {
    name: "jpeg, lines of text between",
    bytes: () => eachJpeg((jpeg) => Buffer.concat([jpeg, Buffer.from("\r\nframe\r\n")])),
    told: ["picture-padding"],
    ...drawn,
  },
  {
    name: "jpeg without ends",
    bytes: () => eachJpeg((jpeg) => jpeg.subarray(0, -2)),
    told: ["picture-without-end"],
    ...drawn,
  },
  {
    name: "jpeg without Huffman tables",
    bytes: () =>
      eachJpeg(
        (jpeg) => eachMarker(jpeg, (marker, all) => (marker === DHT ? [] : [all])),
        "-q:v 4 -huffman default",
      ),
    ...whole,
  },
  { name: "jpeg with a thumbnail in it", bytes: () => eachJpeg(withThumbnail), ...whole },
  {
    name: "jpeg, bytes of padding before markers",
    bytes: () =>
      eachJpeg((jpeg) => eachMarker(jpeg, (_, all) => [Buffer.from("ffff", "hex"), all])),
    ...whole,
  },
  { name: "jpeg, gray", bytes: () => jpegs("-q:v 4 -pix_fmt gray"), ...whole },
  { name: "jpeg of 4:4:4", bytes: () => jpegs("-q:v 4 -pix_fmt yuvj444p"), ...whole },
  { name: "jpeg, byte by byte at first", bytes: () => jpegs(), pieces: inBites(1, 3000), ...whole },
  {
    name: "jpeg, the last one is cut",
    bytes: async () => (await jpegs()).subarray(0, -700),
    query: "?fps=25",
    told: ["picture-without-end"],
  },
  { name: "png", bytes: () => stills("-c:v png"), ...whole },
  {
    name: "png of 16 bits with alpha",
    bytes: () => stills("-c:v png -pix_fmt rgba64be"),
    ...whole,
  },
  { name: "png, interlaced palette", bytes: () => stills("-c:v png -pix_fmt pal8"), ...whole },
  {
    name: "apng",
    bytes: () => ffmpeg([...PICTURES, "-c:v", "apng", "-f", "apng", "-"]),
    told: ["png-animated"],
  },
  { name: "webp", bytes: () => stills("-c:v libwebp -quality 60"), ...whole },
  {
    name: "webp, lossless with alpha",
    bytes: () => stills("-c:v libwebp -lossless 1 -pix_fmt bgra"),
    ...whole,
  },
  {
    name: "webp, animated",
    bytes: () => ffmpeg([...PICTURES, "-c:v", "libwebp_anim", "-f", "webp", "-"]),
    told: ["webp-animated"],
    mayTell: ["picture-padding"], // FFmpeg 5.1's muxer says a size that is too small
  },
  { name: "gif", bytes: () => ffmpeg([...PICTURES, "-f", "gif", "-"]), told: ["format-unknown"] },
  { name: "avi", bytes: () => film("avi"), told: ["format-unknown"] },
  {
    name: "an MPEG program stream",
    bytes: () => ffmpeg([...PICTURES, ...SOUND, "-f", "mpeg", "-"]),
    told: ["format-unknown"],
  },
  {
    name: "y4m",
    bytes: () => ffmpeg([...PICTURES, "-t", "0.2", "-f", "yuv4mpegpipe", "-"]),
    told: ["format-unknown"],
  },
];
