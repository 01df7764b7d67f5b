/** Peers whose power fails: no FIN, no RST, no close frame. What they held is given back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FarAway } from "./lib/far_away.mjs";
import { clusterHeader, LiveSource, simpleBlock, webmHeader } from "./lib/live_source.mjs";
import { BarePublisher } from "./lib/publisher.mjs";
import { finished, listed, withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

const CLIENTS = new URL("./lib/far_clients.mjs", import.meta.url).pathname;
const skip = FarAway.possible();

/** By environment, not by flags: a server that does not know one of them starts all the same. */
const SOON = {
  FRAMEWIRE_BODY_TIMEOUT: "2s",
  FRAMEWIRE_LOST_AFTER: "2s",
  FRAMEWIRE_STALL_TIMEOUT: "2s",
  FRAMEWIRE_PING_INTERVAL: "1s",
  FRAMEWIRE_LINGER: "0s",
};

test("publishers and viewers that vanish", { skip: skip || false, timeout: 180_000 }, async () => {
  const far = new FarAway();
  /** @type {(() => unknown)[]} */ const ends = [];
  try {
    await withFolder(async (dir) => {
      const flags = ["--record", "lost/*", "--record-dir", dir, "--open"];
      const env = { ...SOON, FRAMEWIRE_TCP_PUBLISH: `lost/tcp=${far.here}:0` };
      const server = await Server.start({ listen: `${far.here}:0`, flags, env });
      ends.push(() => server.child.kill("SIGKILL"));
      const origin = `http://${far.here}:${server.port}`;
      // What a test says of a server, said to this address.
      const there = Object.create(server, { origin: { value: origin } });
      const nearby = { host: far.here };
      const live = async () => {
        const all = (await (await there.fetch("/api/v1/streams")).json()).streams;
        return Object.fromEntries(all.map((/** @type {any} */ s) => [s.name, s]));
      };

      const kept = await LiveSource.start(there, "kept", { extra: nearby });
      ends.push(() => kept.stop().catch(() => {}));
      const stays = await BareViewer.open(there, "kept", nearby);
      const silent = await BarePublisher.open(there, "silent", nearby);
      await silent.send(
        Buffer.concat([webmHeader(), clusterHeader(0), simpleBlock(0, 0, true, 99)]),
      );

      const tcp = /plain TCP: publish lost\/tcp on [\d.]+:(\d+)/.exec(server.stderr)?.[1] ?? "";
      const clients = far.spawn(process.execPath, [CLIENTS, far.here, `${server.port}`, tcp], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      clients.stdout?.on("data", (chunk) => (said += chunk));
      await until(() => said.includes("ready"), "all to be served", { ms: 60_000 });
      const before = await live();
      const lost = ["lost/put", "lost/ws", ...(tcp ? ["lost/tcp"] : [])];
      for (const name of lost) assert.ok(before[name], `${name} is live`);
      // Viewers are counted once a second.
      await until(async () => {
        const { kept, silent } = await live();
        return kept.viewers === 4 && silent.viewers === 3;
      }, "all viewers to be counted");
      assert.ok((await listed(there)).length >= 2, "they are recorded");

      far.pull();
      const pulled = Date.now();
      /** @type {Record<string, number>} */ const gone = {};
      await until(
        async () => {
          const now = await live();
          const over = {
            ...Object.fromEntries(lost.map((name) => [name, !now[name]])),
            "viewers of kept": now.kept?.viewers === 1,
            "viewers of silent": now.silent?.viewers === 0,
          };
          for (const [what, isOver] of Object.entries(over))
            if (isOver) gone[what] ??= Date.now() - pulled;
          return Object.values(over).every(Boolean);
        },
        "all that is lost to be given up",
        { ms: 90_000, every: 100 },
      ).catch(async (error) => {
        throw new Error(`${error.message}; given up: ${JSON.stringify(gone)}`);
      });
      console.log(`figure: given up after ms: ${JSON.stringify(gone)}`);

      const films = await finished(there);
      assert.ok(films.every((film) => film.state === "done" || film.state === "broken"));
      for (const name of lost) {
        const next = await BarePublisher.open(there, name, nearby);
        await next.send(webmHeader());
        await until(async () => (await live())[name], `${name} to be free`);
        await next.end();
      }
      assert.equal(stays.ws.closedWith, null);
      const frames = kept.frames;
      await kept.untilFrames(frames + 5);
      assert.equal(kept.publisher.error, null);
      await kept.stop();
      await silent.end();
      await stays.ended();
      await server.stop();
    });
  } finally {
    far.close();
    for (const end of ends) end();
  }
});
