import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import {
  decodePart,
  encodeMedia,
  FRAME_ROOM,
  writeFrameHeader,
} from "../../player-web/sdk/wire.js";
import { buildMessage, parsePart } from "../e2e/lib/v1.mjs";

const vectors = JSON.parse(
  await readFile(new URL("../media/wire/v1_header.json", import.meta.url), "utf8"),
);

/** @param {string} hex @returns {ArrayBuffer} */
function bufferOf(hex) {
  return Uint8Array.from(Buffer.from(hex, "hex")).buffer;
}

for (const vector of vectors.valid) {
  test(`decodes: ${vector.name}`, () => {
    const part = decodePart(bufferOf(vector.message));
    assert.deepEqual(
      { ...part, payload: Buffer.from(part.payload).toString("hex") },
      {
        kind: vector.kind,
        groupStart: vector.group_start,
        leadIn: vector.lead_in,
        epoch: vector.epoch,
        sequence: vector.sequence,
        ptsUs: vector.pts_us,
        captureUs: vector.capture_us,
        captured: vector.captured === true,
        payload: vector.payload,
      },
    );
  });
}

for (const vector of vectors.valid.filter((/** @type {any} */ v) => v.publisher)) {
  test(`encodes: ${vector.name}`, () => {
    const message = encodeMedia(
      {
        sequence: vector.sequence,
        ptsUs: vector.pts_us,
        captureUs: vector.capture_us,
        captured: vector.captured === true,
      },
      Buffer.from(vector.payload, "hex"),
    );
    assert.equal(Buffer.from(message).toString("hex"), vector.message);
  });
}

for (const vector of vectors.captures) {
  test(`encodes: ${vector.name}`, () => {
    const payload = Buffer.from(vector.payload, "hex");
    const room = new Uint8Array(FRAME_ROOM + payload.length);
    room.set(payload, FRAME_ROOM);
    const begin = writeFrameHeader(room, FRAME_ROOM, vector);
    assert.equal(Buffer.from(room.subarray(begin)).toString("hex"), vector.message);
  });
}

for (const vector of vectors.valid) {
  test(`the end-to-end tests read alike: ${vector.name}`, () => {
    const part = parsePart(Buffer.from(vector.message, "hex"));
    assert.deepEqual(
      { ...part, payload: part.payload.toString("hex") },
      {
        kind: vector.kind,
        groupStart: vector.group_start,
        leadIn: vector.lead_in,
        epoch: vector.epoch,
        sequence: vector.sequence,
        ptsUs: vector.pts_us,
        clockUs: vector.capture_us,
        captured: vector.captured === true,
        headerSize: vector.header_bytes,
        payload: vector.payload,
      },
    );
    if (!vector.publisher) return;
    const written = buildMessage(vector.sequence, part.payload, {
      ptsUs: vector.pts_us,
      clockUs: vector.capture_us,
      captured: vector.captured === true,
    });
    assert.equal(Buffer.from(written).toString("hex"), vector.message);
  });
}

for (const vector of vectors.invalid) {
  test(`refuses: ${vector.name}`, () => {
    assert.throws(() => decodePart(bufferOf(vector.message)), { code: "protocol" });
  });
}
