/** What cameras, phones and encoders really send: it is taken, told of, and plays. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { countFrames, decodeErrors, run } from "./lib/decode.mjs";
import { epochs } from "./lib/odd.mjs";
import { CORNERS, HEIGHT, muxed, WIDTH } from "./lib/odd_media.mjs";
import { shownOf } from "./lib/odd_run.mjs";
import { EXIF, TURNS } from "./lib/odd_shapes.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

/** @type {Server} */ let server;
before(async () => (server = await Server.start()));
after(() => server.stop());

/** @param {string} name */
const media = (name) => readFileSync(fileURLToPath(new URL(`../media/${name}`, import.meta.url)));

/** @param {string[]} args @param {Buffer | null} [input] */
async function ffmpeg(args, input = null) {
  const made = await run("ffmpeg", ["-v", "error", ...args], input);
  assert.equal(made.code, 0, made.stderr);
  return made.out;
}
const PICTURES = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"];
const SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];
const X264 = [
  "-c:v",
  "libx264",
  "-preset",
  "ultrafast",
  "-bf",
  "0",
  "-g",
  "25",
  "-pix_fmt",
  "yuv420p",
];

/** Each packet of MPEG-TS with bytes before and behind it. @param {Buffer} ts */
const inUnits = (ts, before = 0, behind = 0) =>
  Buffer.concat(
    Array.from({ length: ts.length / 188 }, (_, i) => [
      Buffer.alloc(before, i),
      ts.subarray(i * 188, (i + 1) * 188),
      Buffer.alloc(behind, 5),
    ]).flat(),
  );

/**
 * Publishes bytes by PUT while others watch. A watcher waits before the first byte is sent.
 * @param {string} name @param {Buffer} bytes @param {string[]} suffixes "" = the origin
 * @param {{headers?: Record<string, string>, query?: string}} [how]
 */
async function publish(name, bytes, suffixes, how = {}) {
  const waiting = () => server.metric('framewire_viewers{mode="http"}');
  await until(async () => (await waiting()) === 0, "the viewers before to be gone");
  const watching = suffixes.map(async (suffix) => {
    const answer = await fetch(`${server.origin}/live/${name}${suffix}?wait=40`);
    return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
  });
  await until(async () => (await waiting()) >= suffixes.length, "the viewers to wait");
  const answer = await fetch(`${server.origin}/publish/${name}${how.query ?? ""}`, {
    method: "PUT",
    headers: how.headers,
    body: new Uint8Array(bytes),
  });
  const said = JSON.parse(await answer.text());
  return { status: answer.status, said, seen: await Promise.all(watching) };
}

/** JPEG pictures, each with an EXIF orientation. @param {Buffer[]} jpegs @param {number} orientation */
const withExif = (jpegs, orientation) => {
  // A TIFF of one directory (at byte 8) with one entry: tag 0x112, a SHORT, one of it.
  const tiff = Buffer.from("4d4d002a00000008000101120003000000010000000000000000", "hex");
  tiff.writeUInt16BE(orientation, 18);
  const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, body.length + 2]);
  return Buffer.concat(
    jpegs.flatMap((jpeg) => [jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]),
  );
};

/** @typedef {{name: string, bytes: () => Promise<Buffer> | Buffer, frames: number, exact?: boolean,
 *   outputs?: string[], told?: string[], query?: string}} Row */
/** @type {Row[]} */
const rows = [
  {
    name: "ts-cut-front",
    bytes: () => media("odd/ts-cut-front.ts"),
    frames: 100,
    told: ["ts-sync-lost"],
  },
  { name: "m2ts", bytes: () => inUnits(media("made/avc1-aac.ts"), 4, 0), frames: 20 },
  { name: "ts-204", bytes: () => inUnits(media("made/avc1-aac.ts"), 0, 16), frames: 20 },
  {
    name: "flv-previous-size",
    bytes: () => media("odd/flv-previous-size.flv"),
    frames: 100,
    told: ["flv-previous-tag-size"],
  },
  {
    name: "flv-tag-type-15",
    bytes: () => media("odd/flv-tag-type-15.flv"),
    frames: 100,
    told: ["flv-tag-type"],
  },
  { name: "flv-enhanced-avc1", bytes: () => media("odd/flv-enhanced-avc1.flv"), frames: 75 },
  {
    name: "flv-enhanced-hvc1",
    bytes: () => media("odd/flv-enhanced-hvc1.flv"),
    frames: 70,
    outputs: [".h264"],
  },
  { name: "gzip", bytes: () => gzipSync(media("made/avc1-aac.ts")), frames: 20, exact: false },
  {
    name: "h264",
    bytes: () => ffmpeg([...PICTURES, "-t", "4", ...X264, "-f", "h264", "-"]),
    frames: 98,
    exact: false,
  },
  {
    name: "hevc",
    bytes: () =>
      ffmpeg([
        ...PICTURES,
        "-t",
        "4",
        "-c:v",
        "libx265",
        "-x265-params",
        "bframes=0:keyint=25:log-level=none",
        "-preset",
        "ultrafast",
        "-f",
        "hevc",
        "-",
      ]),
    frames: 90,
    exact: false,
    told: ["raw-video-rate"],
    outputs: [".h264"],
  },
];

describe("video that is odd", () => {
  for (const row of rows)
    test(row.name, async () => {
      const bytes = await row.bytes();
      const name = `odd-${row.name}`;
      const outputs = row.outputs ?? [".mp4", ".ts"];
      const { status, said, seen } = await publish(name, bytes, ["", ...outputs], {
        query: row.query,
      });
      assert.equal(status, 200, JSON.stringify(said));
      const told = (said.warnings ?? []).map((/** @type {{code: string}} */ w) => w.code);
      for (const code of row.told ?? []) assert.ok(told.includes(code), `${code} in ${told}`);
      if (row.exact !== false) assert.ok(seen[0].bytes.equals(bytes), "the origin is byte-exact");
      for (const [i, output] of outputs.entries()) {
        const { status: got, bytes: made } = seen[i + 1];
        assert.equal(got, 200, `${output}: ${made.subarray(0, 200)}`);
        assert.equal(await decodeErrors(made), "", output);
        const frames = await countFrames(made);
        assert.ok(frames >= row.frames, `${output}: ${frames} pictures of ${row.frames}`);
      }
    });
});

describe("sound without a container", () => {
  for (const [name, args] of /** @type {[string, string[]][]} */ ([
    ["adts", ["-c:a", "aac", "-f", "adts"]],
    ["mp3", ["-c:a", "libmp3lame", "-id3v2_version", "4", "-metadata", "title=a", "-f", "mp3"]],
    ["wav", ["-c:a", "pcm_s16le", "-f", "wav"]],
    ["alaw", ["-c:a", "pcm_alaw", "-ar", "8000", "-f", "wav"]],
  ]))
    test(name, async () => {
      const bytes = await ffmpeg([...SOUND, "-t", "4", ...args, "-"]);
      const { status, said, seen } = await publish(`sound-${name}`, bytes, [".h264"]);
      assert.equal(status, 200, JSON.stringify(said));
      assert.equal(seen[0].status, 200, String(seen[0].bytes.subarray(0, 200)));
      assert.equal(await decodeErrors(seen[0].bytes), "");
      const probe = await run(
        "ffprobe",
        ["-v", "error", "-show_entries", "packet=pts_time", "-of", "csv=p=0", "-"],
        seen[0].bytes,
      );
      const times = probe.stdout.split("\n").filter(Boolean).map(parseFloat);
      assert.ok(
        times[times.length - 1] - times[0] > 3.5,
        `${times.length} packets up to ${times.at(-1)}`,
      );
    });
});

describe("sound that begins inside a frame", () => {
  for (const [name, args] of /** @type {[string, string[]][]} */ ([
    ["adts", ["-c:a", "aac", "-b:a", "96k", "-f", "adts"]],
    ["mp3", ["-c:a", "libmp3lame", "-b:a", "96k", "-id3v2_version", "0", "-f", "mp3"]],
  ]))
    test(name, async () => {
      const whole = await ffmpeg([...SOUND, "-t", "4", ...args, "-"]);
      const cut = whole.subarray(1000);
      const { status, said, seen } = await publish(`cut-${name}`, cut, [".h264"]);
      assert.equal(status, 200, JSON.stringify(said));
      const told = (said.warnings ?? []).map((/** @type {{code: string}} */ w) => w.code);
      assert.ok(told.includes("sound-junk"), told);
      assert.equal(seen[0].status, 200, String(seen[0].bytes.subarray(0, 200)));
      assert.equal(await decodeErrors(seen[0].bytes), "");
    });
});

describe("JPEG pictures that EXIF turns are shown upright", () => {
  for (const [what, { corners, swaps }] of Object.entries(TURNS))
    test(what, async () => {
      const film = await ffmpeg(
        ["-i", "-", "-t", "1", "-c", "copy", "-f", "image2pipe", "-"],
        await muxed("mkv", ["mjpeg"]),
      );
      const jpegs = [];
      for (let at = 0; at >= 0 && at < film.length; ) {
        const next = film.indexOf(Buffer.from("ffd8ff", "hex"), at + 3);
        jpegs.push(film.subarray(at, next < 0 ? film.length : next));
        at = next;
      }
      const name = `exif-${EXIF[what]}`;
      const { status, said, seen } = await publish(name, withExif(jpegs, EXIF[what]), [".h264"]);
      assert.equal(status, 200, JSON.stringify(said));
      const { size, corners: got } = await shownOf(epochs(seen[0].bytes)[0]);
      assert.deepEqual(size, swaps ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT]);
      for (const [c, colour] of got.entries())
        for (const [k, value] of colour.entries())
          assert.ok(
            Math.abs(value - CORNERS[corners[c]][k]) < 70,
            `corner ${c} is ${colour}, not ${CORNERS[corners[c]]}`,
          );
    });
});

describe("bodies that hold a stream", () => {
  test("curl -F sends a form", async () => {
    const { code, stdout, stderr } = await run("curl", [
      "-sS",
      "--fail-with-body",
      "-F",
      "title=x",
      "-F",
      `file=@${fileURLToPath(new URL("../media/made/avc1-aac.ts", import.meta.url))}`,
      `${server.origin}/publish/form`,
    ]);
    assert.equal(code, 0, stdout + stderr);
  });
  test("ffmpeg -f mpjpeg", async () => {
    const watching = fetch(`${server.origin}/live/mpjpeg?wait=40`);
    await run("ffmpeg", [
      "-v",
      "error",
      "-re",
      ...PICTURES,
      "-t",
      "2",
      "-f",
      "mpjpeg",
      "-method",
      "PUT",
      `${server.origin}/publish/mpjpeg`,
    ]);
    const got = Buffer.from(await (await watching).arrayBuffer());
    assert.equal(got.readUInt16BE(0), 0xffd8);
    assert.ok(!got.includes("--ffmpeg"), "pictures alone");
    assert.ok((await countFrames(got)) >= 45);
  });
  test("a JPEG with bytes behind its end", async () => {
    const bytes = media("odd/jpeg-padded.jpg");
    const { status, said } = await publish("padded", bytes, []);
    assert.equal(status, 200, JSON.stringify(said));
    assert.deepEqual(
      said.warnings.map((/** @type {{code: string}} */ w) => w.code),
      ["picture-padding"],
    );
  });
  test("laced Opus comes unlaced as .webm", async () => {
    const bytes = media("odd/webm-laced-opus.webm");
    const { status, seen } = await publish("laced", bytes, ["", ".webm"]);
    assert.equal(status, 200);
    assert.ok(seen[0].bytes.equals(bytes));
    assert.equal(await decodeErrors(seen[1].bytes), "");
    const packets = async (/** @type {Buffer} */ of) =>
      (
        await run(
          "ffprobe",
          [
            "-v",
            "error",
            "-select_streams",
            "a",
            "-show_entries",
            "packet=pts_time",
            "-of",
            "csv=p=0",
            "-",
          ],
          of,
        )
      ).stdout
        .split("\n")
        .filter(Boolean).length;
    // A block of 8 stands before the first keyframe, where `.webm` begins.
    assert.ok((await packets(seen[1].bytes)) >= (await packets(bytes)) - 8);
    assert.equal(lacedBlocks(seen[1].bytes), 0);
  });
  for (const [
    what,
    headers,
    body,
    status,
    says,
  ] of /** @type {[string, Record<string, string>, string, number, RegExp][]} */ ([
    ["an empty body", {}, "", 400, /empty/],
    ["a part of an upload", { "Content-Range": "bytes 0-4/*" }, "hello", 400, /Content-Range/],
    ["an encoding that is not read", { "Content-Encoding": "br" }, "hello", 415, /gzip/],
  ]))
    test(`${what} is refused with what to do`, async () => {
      const answer = await fetch(`${server.origin}/publish/refused`, {
        method: "PUT",
        headers,
        body,
      });
      assert.equal(answer.status, status);
      assert.match(await answer.text(), says);
    });
});

/** SimpleBlocks with a lacing flag. @param {Buffer} webm */
function lacedBlocks(webm) {
  let laced = 0;
  for (let at = webm.indexOf(Buffer.from("1f43b675", "hex")); at >= 0 && at < webm.length; ) {
    const idLength = Math.clz32(webm[at]) - 23;
    const sizeLength = Math.clz32(webm[at + idLength]) - 23;
    const id = webm.readUIntBE(at, idLength);
    let size = BigInt(webm[at + idLength] & (0xff >> sizeLength));
    for (let i = 1; i < sizeLength; i++) size = (size << 8n) | BigInt(webm[at + idLength + i]);
    const data = at + idLength + sizeLength;
    if (id === 0x1f43b675) {
      at = data;
      continue;
    }
    if (id === 0xa3) {
      const track = Math.clz32(webm[data]) - 23;
      if (webm[data + track + 2] & 0x06) laced += 1;
    }
    at = data + Number(size);
  }
  return laced;
}
