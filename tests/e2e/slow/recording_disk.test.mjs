/** A full disk, for real: a tmpfs of 3 MiB. Needs root, to mount it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fullDisk, mayMount } from "../lib/full_disk.mjs";

test("a full disk", { skip: mayMount() ? false : "needs root, to mount a tmpfs" }, async () => {
  const facts = await fullDisk({ untilRoomIsUsed: true });
  console.log(
    `figure: named ${facts.code}; the stream's viewer got ${facts.got} of ${facts.published} bytes, the one beside ${facts.besideGot} of ${facts.besidePublished}; the next stream recorded ${facts.nextPackets} of ${facts.nextPublished} frames; what was cut off became a film of ${facts.rest?.duration_ms} ms once there was room`,
  );
  assert.equal(facts.code, "disk-full");
  assert.equal(facts.got, facts.published);
  assert.equal(facts.besideGot, facts.besidePublished);
  assert.ok(facts.same && facts.besideSame);
  assert.equal(facts.rest?.state, "done");
  assert.equal(facts.nextPackets, facts.nextPublished);
});
