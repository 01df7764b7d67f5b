import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { decodePart, encodeMedia } from "../../player-web/sdk/wire.js";

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
        payload: vector.payload,
      },
    );
  });
}

for (const vector of vectors.valid.filter((/** @type {any} */ v) => v.publisher)) {
  test(`encodes: ${vector.name}`, () => {
    const message = encodeMedia(
      { sequence: vector.sequence, ptsUs: vector.pts_us, captureUs: vector.capture_us },
      Buffer.from(vector.payload, "hex"),
    );
    assert.equal(Buffer.from(message).toString("hex"), vector.message);
  });
}

for (const vector of vectors.invalid) {
  test(`refuses: ${vector.name}`, () => {
    assert.throws(() => decodePart(bufferOf(vector.message)), { code: "protocol" });
  });
}
