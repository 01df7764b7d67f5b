#!/usr/bin/env node
/**
 * Everything at once, at random: publishers that end, vanish, resume and take over; viewers that join, leave,
 * stall and reset; hostile peers of every kind. Meant for sanitizer builds. Beside it one good stream runs from
 * begin to end and may lose nothing; at the end the server must stop with exit code 0 and no report.
 *
 *   node tests/e2e/slow/churn.mjs [--bin build/asan/framewire] [--seconds 60] [--seed N] [--quiet]
 */
import { parseArgs } from "node:util";
import {
  mp4Fixtures,
  oggFixtures,
  pictureFixtures,
  pieces,
  webcodecsFixtures,
  webmFixtures,
  wholeFile,
} from "../lib/media.mjs";
import { Neighbour } from "../lib/neighbour.mjs";
import { BarePublisher, HttpPublisher, publishOptions, V1Publisher } from "../lib/publisher.mjs";
import { connectSocket, RawWs } from "../lib/raw_ws.mjs";
import { Server } from "../lib/server.mjs";
import { Dice } from "../lib/shuffle.mjs";
import { BareViewer, HttpViewer, V1Viewer } from "../lib/viewer.mjs";
import { sleep } from "../lib/wait.mjs";
import { encodeFrame, Opcode } from "../lib/ws_frame.mjs";

const { values } = parseArgs({
  options: {
    bin: { type: "string" },
    seconds: { type: "string", default: "60" },
    seed: { type: "string" },
    quiet: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const dice = new Dice(seed);
const until = Date.now() + Number(values.seconds) * 1000;
const running = () => Date.now() < until;
/** @type {Record<string, number>} */ const did = {};
const note = (/** @type {string} */ what) => (did[what] = (did[what] ?? 0) + 1);

const fixtures = [
  ...webmFixtures(),
  ...mp4Fixtures(),
  ...oggFixtures(),
  ...pictureFixtures(),
  ...webcodecsFixtures(),
];
const NAMES = ["a", "b", "c/d", "e/f/g"];
const REPORT =
  /(ERROR: (Address|Leak|Undefined)|WARNING: ThreadSanitizer|runtime error:|SUMMARY: \w+Sanitizer)/;

/** Some milliseconds. @param {number} most */
const pause = (most) => sleep(dice.between(0, most));

/** @param {Server} server @param {string} name */
async function publishV1(server, name) {
  const fixture = dice.one(fixtures);
  const publisher = await V1Publisher.open(server, name, dice.chance(0.5) ? fixture.hello : {});
  if (publisher.error) {
    note("publisher refused");
    return;
  }
  for (const chunk of dice.chance(0.3)
    ? pieces(wholeFile(fixture), 1 + dice.int(5000))
    : fixture.chunks) {
    if (publisher.ws.closedWith || !running()) break;
    await publisher.send(chunk);
    if (dice.chance(0.1)) await pause(50);
    if (dice.chance(0.01)) {
      publisher.ws.cut();
      await pause(400);
      note("publisher resumed");
      if ((await publisher.resume()).refused) {
        note("resume refused");
        return;
      }
    }
  }
  if (dice.chance(0.7)) await publisher.end();
  else publisher.ws.cut();
  note("v1 publishers");
}

/** @param {Server} server @param {string} name */
async function publishBare(server, name) {
  const fixture = dice.one(fixtures);
  const publisher = dice.chance(0.5)
    ? await BarePublisher.open(server, name)
    : new HttpPublisher(server, name);
  if (publisher instanceof HttpPublisher) publisher.answer.catch(() => {});
  for (const chunk of fixture.chunks) {
    if (!running()) break;
    const sent = publisher.send(chunk);
    await Promise.race([sent, sleep(500)]);
    if (dice.chance(0.1)) await pause(30);
  }
  if (dice.chance(0.7)) await publisher.end();
  else if (publisher instanceof HttpPublisher) publisher.cut();
  else publisher.ws.cut();
  note("bare and HTTP publishers");
}

/** @param {Server} server @param {string} name */
async function view(server, name) {
  const path = dice.chance(0.4) ? `${name}.webm` : name;
  const kind = dice.int(3);
  if (kind === 2) {
    const viewer = new HttpViewer(server, `${path}?wait=${dice.int(3)}`);
    viewer.head.catch(() => {});
    viewer.end.catch(() => {});
    await pause(1500);
    viewer.cut();
    note("HTTP viewers");
    return;
  }
  const viewer = await (kind ? V1Viewer : BareViewer).open(server, path);
  viewer.ws.keep = false;
  await pause(800);
  if (dice.chance(0.2)) {
    viewer.ws.socket.pause();
    await pause(3000);
    viewer.ws.socket.resume();
  }
  if (kind && dice.chance(0.3))
    viewer.ws.sendText({ type: "report", latency_ms: 1, buffered_ms: 2, dropped_frames: 0 });
  if (dice.chance(0.5)) viewer.ws.cut();
  else await viewer.ws.close().catch(() => {});
  note("WebSocket viewers");
}

/** @type {Partial<import('../lib/raw_ws.mjs').OpenOptions>[]} */
const HANDSHAKES = [
  { headers: { Upgrade: "h2c" } },
  { origin: "https://evil.example" },
  { path: "/live/../x" },
  { method: "POST" },
  { path: `/live/${"x/".repeat(400)}` },
  { headers: { "Sec-WebSocket-Version": "7" } },
  { protocol: "other" },
  { httpVersion: "1.0" },
  { headers: { "Sec-WebSocket-Key": null } },
];
const FRAMES = [
  () => encodeFrame(3, "x"),
  () => encodeFrame(Opcode.text, Buffer.from([0xff])),
  () => encodeFrame(Opcode.binary, "x", { rsv: 4 }),
  () => encodeFrame(Opcode.binary, "x", { claimedLength: 2 ** 50 }),
  () => Buffer.alloc(60_000).fill(Buffer.from([0x00, 0x80, 1, 2, 3, 4])),
  () =>
    Buffer.concat([
      encodeFrame(Opcode.close, Buffer.from([0x03, 0xe8])),
      encodeFrame(Opcode.binary, "late"),
    ]),
  () => encodeFrame(Opcode.ping, Buffer.alloc(125)),
  () => encodeFrame(Opcode.text, '{"type":"publish","format":"rgba","width":99999999}'),
  () =>
    encodeFrame(
      Opcode.binary,
      Buffer.concat([Buffer.from("1a45dfa3", "hex"), Buffer.alloc(300, dice.int(256))]),
    ),
];

/** Valid media with a few bytes changed. @param {Server} server */
async function publishDamaged(server) {
  const bytes = Buffer.from(wholeFile(dice.one(fixtures)));
  for (let i = 0; i < 5; ++i) bytes[dice.int(Math.min(bytes.length, 5000))] = dice.int(256);
  const publisher = await BarePublisher.open(server, `damaged/${dice.int(4)}`);
  for (const piece of pieces(bytes, 20_000))
    await Promise.race([publisher.send(piece), sleep(500)]);
  publisher.ws.cut();
  note("damaged media");
}

/** @param {Server} server */
async function attack(server) {
  if (dice.chance(0.3)) return publishDamaged(server);
  if (dice.chance(0.4)) {
    const ws = await RawWs.request({ port: server.port, path: "/live/a", ...dice.one(HANDSHAKES) });
    ws.socket.destroy();
    return note("bad handshakes");
  }
  if (dice.chance(0.3)) {
    const socket = connectSocket(server);
    socket
      .on("error", () => {})
      .write(Buffer.from(Array.from({ length: dice.int(3000) }, () => dice.int(256))));
    await pause(200);
    socket.destroy();
    return note("noise");
  }
  const options = dice.chance(0.5)
    ? publishOptions(server, `evil/${dice.int(3)}`, {
        protocol: dice.chance(0.5) ? "framewire.v1" : undefined,
      })
    : { port: server.port, path: "/echo" };
  const ws = await RawWs.request(options);
  for (let i = dice.int(4); i >= 0; --i) ws.write(dice.one(FRAMES)());
  await pause(200);
  ws.cut();
  note("bad frames");
}

/** What an operator's tools ask meanwhile. @param {Server} server */
async function look(server) {
  await (
    await server.fetch(
      dice.one([
        "/metrics",
        "/api/v1/streams",
        "/healthz",
        "/api/v1/streams/a",
        "/",
        "/framewire.js",
      ]),
    )
  ).text();
  note("requests");
  await pause(200);
}

/** Does one thing after another until the time is up. A refusal is part of the game. @param {() => Promise<any>} act */
async function repeat(act) {
  while (running()) {
    await act().catch((error) =>
      note(
        `refused: ${String(error.message ?? error)
          .replace(/\d+/g, "N")
          .slice(0, 60)}`,
      ),
    );
    await pause(50);
  }
}

const server = await Server.start({
  binary: values.bin,
  flags: [
    "--max-lag",
    "500ms",
    "--linger",
    "700ms",
    "--stall-timeout",
    "2s",
    "--loops",
    "3",
    "--takeover",
    "--log-level",
    "off",
  ],
});
const neighbour = await Neighbour.start(server);
const actors = [
  ...NAMES.flatMap((name) => [() => publishV1(server, name), () => publishBare(server, name)]),
  ...Array.from({ length: 12 }, () => () => view(server, dice.one(NAMES))),
  ...Array.from({ length: 3 }, () => () => attack(server)),
  () => look(server),
];
await Promise.all(actors.map(repeat));

let failure = "";
await neighbour.finish().catch((error) => (failure = `the good stream: ${error.message}`));
await server.stop().catch((error) => (failure ||= String(error.message)));
const report = REPORT.exec(server.output);
if (report)
  failure = `${report[0]}\n${server.output.slice(Math.max(0, report.index - 200), report.index + 6000)}`;
if (!values.quiet || failure)
  console.log(JSON.stringify({ seed, seconds: Number(values.seconds), did }, null, 1));
console.log(
  failure
    ? `FAILED (seed ${seed}): ${failure}`
    : `churn of ${values.seconds} s, seed ${seed}: exit code 0, no sanitizer report, the good stream whole`,
);
process.exit(failure ? 1 : 0);
