/**
 * Webhooks through a receiver that is down while streams come and go, and a server that is killed meanwhile, and once
 * more while it delivers what waited: every event once or more, in order in each stream, none lost.
 *
 *   FRAMEWIRE_OUTAGE_S=60 node --test tests/e2e/webhooks_outage.test.mjs     as long as issue 16 wants it; default: 3
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { container } from "./lib/media.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { Receiver } from "./lib/receiver.mjs";
import { Server } from "./lib/server.mjs";
import { sleep, until } from "./lib/wait.mjs";

const OUTAGE_MS = Number(process.env.FRAMEWIRE_OUTAGE_S ?? 3) * 1000;
const STREAMS = ["a", "b/c", "b/d"];
const MEDIA = container("chromium-vp8-opus-camera.webm").chunks.slice(0, 4);
/** Between two tries there is a minute at most. */
const patient = { ms: OUTAGE_MS + 150_000, every: 50 };

/** @type {Server[]} */ const servers = [];
after(() => {
  // What a failure has left.
  for (const { child, exit } of servers) if (!exit) child.kill("SIGKILL");
});

/** What a server tells of, as it tells who follows. @param {Server} server @param {Map<string, any>} told by id */
async function follow(server, told) {
  const { body } = await server.fetch("/api/v1/events");
  const reader = /** @type {ReadableStream<Uint8Array>} */ (body).getReader();
  const decoder = new TextDecoder();
  let text = "";
  const reading = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const whole = text.split("\n\n");
      text = whole.pop() ?? "";
      for (const one of whole) {
        const data = /^data: (.*)$/m.exec(one);
        if (!data) continue;
        const event = JSON.parse(data[1]);
        told.set(event.id, event);
      }
    }
  };
  reading().catch(() => {}); // it is killed
}

test("a receiver that is down, and a server that is killed three times", {
  timeout: 2 * OUTAGE_MS + 300_000,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), "framewire-outage-"));
  writeFileSync(join(dir, "secret"), "a secret of some length\n");
  const receiver = await new Receiver().open();
  const flags = ["--webhook", receiver.url, "--webhook-secret-file", join(dir, "secret")];
  flags.push("--state-dir", join(dir, "state"), "--linger", "0s");
  /** @type {Map<string, any>} */ const told = new Map();
  const taken = () => new Set(receiver.events.map(({ id }) => id));
  let round = 0;

  const start = async () => {
    const server = await Server.start({ flags });
    servers.push(server);
    await follow(server, told);
    return server;
  };
  /** Each stream comes and goes. @param {Server} server */
  const burst = async (server) => {
    round += 1;
    const title = `round ${round}`;
    await Promise.all(
      STREAMS.map(async (stream) => {
        const publisher = await V1Publisher.open(server, stream, { title });
        await publisher.sendAll(MEDIA);
        await publisher.untilAcked();
        await publisher.end();
      }),
    );
    await until(
      () =>
        STREAMS.every((stream) => {
          const own = [...told.values()].filter((event) => event.stream === stream);
          const begun = own.findIndex(({ data }) => data.title === title);
          return begun >= 0 && own.slice(begun).some(({ type }) => type === "unpublish");
        }),
      "what happened to be told",
      patient,
    );
  };
  /** What happened is on the disk, or taken: what a crash may lose is what happened within milliseconds. @param {Server} server */
  const kill = async (server) => {
    await until(
      () => {
        const file = readFileSync(join(dir, "state", "webhook-queue"), "utf8");
        const got = taken();
        return [...told.keys()].every((id) => got.has(id) || file.includes(`"id":"${id}"`));
      },
      "all of it to be kept",
      patient,
    );
    server.child.kill("SIGKILL");
    await server.ended();
  };

  const first = await start();
  await burst(first);
  await until(() => receiver.events.length >= told.size, "the first ones", patient);
  await receiver.close();
  const down = Date.now();
  await burst(first);
  await kill(first);
  const second = await start();
  await burst(second);
  await kill(second);
  const third = await start();
  do {
    await burst(third);
    await sleep(Math.min(1_000, OUTAGE_MS / 4));
  } while (Date.now() - down < OUTAGE_MS);
  const before = receiver.events.length;
  await receiver.open();
  await until(() => receiver.events.length >= before + 2, "the first that waited", patient);
  await kill(third);
  const last = await start();
  await burst(last);
  await until(
    () => {
      const got = taken();
      return [...told.keys()].every((id) => got.has(id));
    },
    "every event",
    patient,
  );
  await last.stop();
  await receiver.close();
  rmSync(dir, { recursive: true, force: true });

  for (const stream of STREAMS) {
    /** @type {string[]} */ const once = [];
    for (const event of receiver.events)
      if (event.stream === stream && !once.includes(event.id)) once.push(event.id);
    const ids = once.map(BigInt);
    assert.ok(
      ids.every((id, i) => i === 0 || id > ids[i - 1]),
      `${stream}: in order`,
    );
    const own = [...told.values()].filter((event) => event.stream === stream);
    assert.deepEqual(
      once,
      own.map(({ id }) => id),
    );
    assert.equal(own.filter(({ type }) => type === "publish").length, round);
  }
  const twice = receiver.events.length - taken().size;
  const seconds = ((Date.now() - down) / 1000).toFixed(0);
  console.log(
    `# ${told.size} events in ${round} rounds, ${OUTAGE_MS / 1000} s down, ${twice} came more than once, ${seconds} s in all`,
  );
});
