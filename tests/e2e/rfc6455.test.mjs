/**
 * The project's own table of RFC 6455, each case against /echo, as it is and byte by byte; and that
 * what is relayed to viewers is what was published, however it was framed.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BarePublisher, publishOptions } from "./lib/publisher.mjs";
import { RawWs } from "./lib/raw_ws.mjs";
import { CASES } from "./lib/rfc6455_cases.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";
import { closePayload, encodeFrame, Opcode } from "./lib/ws_frame.mjs";

/** @type {Server} */ let server;
before(async () => (server = await Server.start({ flags: ["--loops", "1"] })));
after(() => server.stop());

const MOST_BYTE_BY_BYTE = 300;

/** @param {import('./lib/rfc6455_cases.mjs').Case} row @param {boolean} byteByByte */
async function run(row, byteByByte) {
  const ws = await RawWs.open({ port: server.port, path: "/echo" });
  /** @type {[number, Buffer][]} */ const back = [];
  ws.on("frame", (/** @type {import('./lib/ws_frame.mjs').Frame} */ frame) => {
    assert.deepEqual([frame.masked, frame.rsv, frame.fin], [false, 0, true], "a server's frame");
    if (frame.opcode !== Opcode.close && frame.opcode !== Opcode.ping)
      back.push([frame.opcode, frame.payload]);
  });
  const wire = Buffer.concat(row.frames);
  if (byteByByte) for (const byte of wire) await ws.write(Buffer.from([byte]));
  else ws.write(wire);
  const closes = row.frames.some((frame) => (frame[0] & 0x0f) === Opcode.close);
  if (row.close === 1000 && !closes) {
    await until(() => back.length >= (row.back?.length ?? 0) || ws.closedWith, "what comes back");
    ws.write(encodeFrame(Opcode.close, closePayload(1000)));
  }
  const closed = await ws.closed();
  if (row.back) assert.deepEqual(back, row.back);
  assert.equal(closed.code, row.close, closed.reason);
}

for (const section of new Set(CASES.map((row) => row.section))) {
  describe(`RFC 6455, ${section}`, () => {
    for (const row of CASES.filter((each) => each.section === section)) {
      test(row.name, () => run(row, false));
      const size = row.frames.reduce((sum, frame) => sum + frame.length, 0);
      if (size <= MOST_BYTE_BY_BYTE && !row.whole)
        test(`${row.name}, byte by byte`, () => run(row, true));
    }
  });
}

test("what viewers get is what was published, however it was framed", async () => {
  const viewer = await BareViewer.open(server, "framed");
  const publisher = new BarePublisher(await RawWs.open(publishOptions(server, "framed")));
  const rows = CASES.filter(
    (row) => row.close === 1000 && row.back?.length === 1 && row.back[0][0] === Opcode.binary,
  );
  const sent = Buffer.concat(rows.map((row) => row.back?.[0][1] ?? Buffer.alloc(0)));
  await publisher.ws.write(Buffer.concat(rows.flatMap((row) => row.frames)));
  await viewer.untilBytes(sent.length);
  await publisher.end();
  await viewer.ended();
  assert.ok(viewer.bytes.equals(sent));
  console.log(`figure: ${CASES.length} cases of RFC 6455, ${rows.length} of them relayed`);
});
