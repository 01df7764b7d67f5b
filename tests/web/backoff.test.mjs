import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff, mayReconnect } from "../../player-web/sdk/backoff.js";
import { errorOfClose } from "../../player-web/sdk/errors.js";

test("the delay doubles up to its most, half of it by chance", () => {
  const least = new Backoff({ random: () => 0 });
  const most = new Backoff({ random: () => 1 });
  const delays = (/** @type {Backoff} */ backoff) =>
    Array.from({ length: 8 }, () => backoff.next(0));
  assert.deepEqual(delays(least), [125, 250, 500, 1000, 2000, 4000, 5000, 5000]);
  assert.deepEqual(delays(most), [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test("only a connection that lived starts the count anew", () => {
  const backoff = new Backoff({ random: () => 1 });
  backoff.next(0);
  assert.equal(backoff.next(4_999), 500);
  assert.equal(backoff.next(5_000), 250);
});

test("a thousand failures do not overflow", () => {
  const backoff = new Backoff({ random: () => 1 });
  for (let i = 0; i < 1_000; i += 1) backoff.next(0);
  assert.equal(backoff.next(0), 10_000);
});

for (const [code, again] of /** @type {[number, boolean][]} */ ([
  [1000, false],
  [1001, true],
  [1002, false],
  [1003, false],
  [1005, true],
  [1006, true],
  [1007, false],
  [1008, false],
  [1009, false],
  [1011, true],
  [1012, true],
  [1013, true],
  [4000, true],
])) {
  test(`close ${code} ${again ? "is tried again" : "is final"}`, () => {
    assert.equal(mayReconnect(code), again);
  });
}

test("a refusal that was told is final, even if the connection was reset after it", () => {
  assert.equal(mayReconnect(1006, "unauthorized"), false);
  assert.equal(mayReconnect(1006, "token-expired"), false);
  assert.equal(mayReconnect(1006, "stream-taken"), false);
  assert.equal(mayReconnect(1006, "malformed-media"), true);
});

test("an error names what the server told, else the reason, else the code", () => {
  const told = { code: "malformed-media", message: "element of 9 bytes at 17" };
  assert.equal(errorOfClose({ code: 1007, reason: "" }, told).code, "malformed-media");
  assert.match(errorOfClose({ code: 1007, reason: "" }, told).message, /at 17/);
  assert.equal(errorOfClose({ code: 1008, reason: "stream-taken" }, null).code, "stream-taken");
  assert.equal(errorOfClose({ code: 1008, reason: "token-expired" }, null).code, "token-expired");
  assert.equal(errorOfClose({ code: 1008, reason: "" }, null).code, "unauthorized");
  assert.equal(errorOfClose({ code: 1006, reason: "" }, null).code, "connection-lost");
  assert.equal(errorOfClose({ code: 1006, reason: "" }, null).closeCode, 1006);
});
