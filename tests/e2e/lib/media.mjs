/** The recorded fixtures, and the ways a publisher may cut them into messages. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const DIR = fileURLToPath(new URL("../../media/browser/", import.meta.url));

/**
 * @typedef {object} Fixture
 * @property {string} name
 * @property {string} format as PROTOCOL.md names it
 * @property {Buffer[]} chunks what the page sent, message by message
 * @property {number[]} atMs when, if known
 * @property {{format?: string, width?: number, height?: number}} hello for `framewire.v1`
 * @property {boolean} needsHello cannot be sniffed
 */

/** @param {Buffer | Uint8Array} bytes */
export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** @param {string} name */
export const mediaPath = (name) => join(DIR, name);

/** @param {string} name @returns {Fixture} */
export function container(name) {
  const bytes = readFileSync(mediaPath(name));
  const { chunks } = JSON.parse(readFileSync(mediaPath(`${name}.chunks.json`), "utf8"));
  const format = name.split(".").at(-1) ?? "";
  return {
    name,
    format,
    chunks: chunks.map((/** @type {any} */ c) => bytes.subarray(c.offset, c.offset + c.size)),
    atMs: chunks.map((/** @type {any} */ c) => c.t_ms),
    hello: { format },
    needsHello: false,
  };
}

/** @param {RegExp} pattern */
const named = (pattern) =>
  readdirSync(DIR)
    .filter((name) => pattern.test(name))
    .sort();

export const webmFixtures = () => named(/\.webm$/).map(container);
export const mp4Fixtures = () => named(/\.mp4$/).map(container);
export const oggFixtures = () => named(/\.ogg$/).map(container);

/** @param {string} folder @param {string} extension @param {string} format @returns {Fixture} */
function pictures(folder, extension, format) {
  const names = readdirSync(mediaPath(folder))
    .filter((name) => name.endsWith(extension))
    .sort();
  const chunks = names.map((name) => readFileSync(mediaPath(join(folder, name))));
  return {
    name: `${folder}/*${extension}`,
    format,
    chunks,
    atMs: [],
    hello: { format },
    needsHello: false,
  };
}

/** Browser-made pictures, ten of each kind. */
export function pictureFixtures() {
  const kinds = [
    [".png", "png"],
    [".jpg", "jpeg"],
    [".webp", "webp"],
  ];
  return ["frames", "frames/firefox"].flatMap((dir) =>
    kinds.map(([ext, format]) => pictures(dir, ext, format)),
  );
}

/** Raw canvas frames: one recorded, more made from it. @param {number} [count] @returns {Fixture} */
export function rgbaFixture(count = 5) {
  const frame = readFileSync(mediaPath("frames/raw-rgba-320x180.bin"));
  const chunks = Array.from({ length: count }, (_, i) =>
    Buffer.from(frame.map((byte) => byte ^ i)),
  );
  const hello = { format: "rgba", width: 320, height: 180 };
  return {
    name: "frames/raw-rgba-320x180.bin",
    format: "rgba",
    chunks,
    atMs: [],
    hello,
    needsHello: true,
  };
}

/** Encoded chunks without a container: opaque messages. */
export function webcodecsFixtures() {
  return named(/^webcodecs$/)
    .flatMap((dir) => readdirSync(mediaPath(dir)).map((name) => `${dir}/${name}`))
    .filter((name) => name.endsWith(".bin"))
    .map((name) => {
      const bytes = readFileSync(mediaPath(name));
      const { chunks } = JSON.parse(readFileSync(mediaPath(name.replace(".bin", ".json")), "utf8"));
      /** @type {Fixture} */
      const fixture = {
        name,
        format: "binary",
        chunks: chunks.map((/** @type {any} */ c) => bytes.subarray(c.offset, c.offset + c.size)),
        atMs: chunks.map((/** @type {any} */ c) => c.timestamp_us / 1000),
        hello: { format: "binary" },
        needsHello: false,
      };
      return fixture;
    });
}

export function allFixtures() {
  return [
    ...webmFixtures(),
    ...mp4Fixtures(),
    ...oggFixtures(),
    ...pictureFixtures(),
    rgbaFixture(),
    ...webcodecsFixtures(),
  ];
}

/** @param {Fixture} fixture */
export const wholeFile = (fixture) => Buffer.concat(fixture.chunks);

/** @param {Buffer} bytes @param {number} size */
export function pieces(bytes, size) {
  const out = [];
  for (let at = 0; at < bytes.length; at += size) out.push(bytes.subarray(at, at + size));
  return out;
}

/** The three ways every fixture is sent. @type {Record<string, (f: Fixture) => Buffer[]>} */
export const cuts = {
  "its own chunks": (f) => f.chunks,
  "997-byte messages": (f) => pieces(wholeFile(f), 997),
  "one message": (f) => [wholeFile(f)],
};
