/** Where a film is encoded, by what was measured. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, wayAtOnce } from "../../player-web/sdk/film_way.js";

const WHOLE = 1_382_400; // 1280x720
const MEASURED = { page: 40, rate: 10e6, seconds: 0.002, whole: WHOLE, least: WHOLE / 20 };
const never = () => assert.fail("it makes no difference");

test("what the film's own frames take, packed, decides", async () => {
  const drawn = await compare(MEASURED, async () => 150_000); // 17 ms a frame
  assert.deepEqual(drawn, {
    onServer: true,
    there: "page and network bring 59 of 150 kB each to the server",
  });
  const noise = await compare(MEASURED, async () => WHOLE);
  assert.deepEqual(noise, {
    onServer: false,
    there: "page and network bring 7.1 of 1383 kB each to the server",
  });
  const empty = await compare(MEASURED, async () => 5_000);
  assert.match(empty.there, /of 70 kB each/, "a first frame may be an empty one");
  const more = await compare(MEASURED, async () => 2 * WHOLE);
  assert.match(more.there, /of 1383 kB each/, "what packing does not shorten goes as it is");
});

test("where they make no difference they are not waited for", async () => {
  const quick = await compare({ ...MEASURED, page: 200 }, never);
  assert.deepEqual(quick, {
    onServer: false,
    there: "page and network bring 112 at most to the server",
  });
  const slow = await compare({ ...MEASURED, page: 5 }, never);
  assert.deepEqual(slow, {
    onServer: true,
    there: "page and network bring 7.1 or more to the server",
  });
  const unpacked = await compare({ ...MEASURED, least: WHOLE }, never);
  assert.equal(unpacked.onServer, false);
  const unknown = await compare({ ...MEASURED, rate: 0 }, never);
  assert.deepEqual(unknown, { onServer: false, there: "the network was not measured" });
  assert.equal((await compare({ ...MEASURED, rate: 0, page: 0 }, never)).onServer, true);
  assert.equal((await compare({ ...MEASURED, page: 0 }, never)).onServer, true);
});

test("transparency is the server's", () => {
  const base = { url: "/publish/x", fps: 30, alpha: true };
  assert.equal(wayAtOnce(base)?.encode, "server");
  assert.throws(() => wayAtOnce({ ...base, encode: "page" }), { code: "unsupported-recorder" });
});
