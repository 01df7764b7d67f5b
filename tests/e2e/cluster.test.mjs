/** Nodes of a cluster agree on who has a name: by real processes that meet at a real nats-server. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster, Nats } from "./lib/cluster.mjs";
import { container } from "./lib/media.mjs";
import { BarePublisher, V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const RACES = 200;
const film = container("chromium-vp8-opus-camera.webm");

/** @type {Cluster} */ let cluster;
before(async () => (cluster = await Cluster.start(2)));
after(() => cluster.stop());

describe("a name", () => {
  test(`is one publisher's, however close together two nodes ask for it (${RACES} times)`, async () => {
    const won = [0, 0];
    for (let race = 0; race < RACES; ++race) {
      const name = `race/n${race}`;
      const both = await Promise.all(
        cluster.nodes.map((node) => V1Publisher.open(node, name, { format: "webm" })),
      );
      const winners = both.filter((publisher) => publisher.ready);
      assert.equal(winners.length, 1, `${name}: one of two`);
      const loser = both[winners[0] === both[0] ? 1 : 0];
      assert.equal(loser.error?.code, "stream-taken");
      assert.equal((await loser.ws.closed()).code, 1008);
      ++won[both.indexOf(winners[0])];
      await winners[0].end();
    }
    assert.equal(won[0] + won[1], RACES);
  });

  test("is free at all nodes once its stream has ended", async () => {
    const [here, there] = cluster.nodes;
    const first = await V1Publisher.open(here, "free", { format: "webm" });
    const early = await V1Publisher.open(there, "free", { format: "webm" });
    assert.equal(early.error?.code, "stream-taken");
    assert.match(early.error.message, /at http:\/\/127\.0\.0\.1:/, "it is told where");
    await first.end();
    await until(async () => {
      const next = await V1Publisher.open(there, "free", { format: "webm" });
      if (!next.ready) return false;
      await next.end();
      return true;
    }, "the name to be free");
  });

  test("goes with its publisher, who comes back at another node with its token", async () => {
    const [here, there] = cluster.nodes;
    const first = await V1Publisher.open(here, "moves", { format: "webm" });
    await until(async () => (await there.describe("moves"))?.state === "live", "it to be known");
    const stranger = await V1Publisher.open(there, "moves", { format: "webm", replaces: "f00" });
    assert.equal(stranger.error?.code, "stream-taken");
    const again = await V1Publisher.open(there, "moves", {
      format: "webm",
      replaces: first.token,
    });
    assert.ok(again.ready, JSON.stringify(again.error));
    await first.ws.closed();
    assert.equal(first.error?.code, "stream-taken");
    await again.end();
  });

  test("is in the list of all nodes, with where it is", async () => {
    const [here, there] = cluster.nodes;
    const publisher = await V1Publisher.open(here, "listed", { format: "webm", title: "Both" });
    const seen = await until(async () => {
      const { streams } = await (await there.fetch("/api/v1/streams")).json();
      return streams.find((/** @type {any} */ stream) => stream.name === "listed");
    }, "the stream in the list of the other node");
    assert.equal(seen.title, "Both");
    assert.equal(seen.node, here.origin);
    const own = await (await here.fetch("/api/v1/streams/listed")).json();
    assert.equal(own.node, undefined);
    await publisher.end();
    await until(async () => !(await there.describe("listed")), "the list to forget it");
  });
});

describe("without NATS", () => {
  test("what runs goes on, names are taken, and who was second loses when it is back", async () => {
    await Cluster.with(2, async (alone) => {
      const [one, two] = alone.nodes;
      const running = await BarePublisher.open(one, "running");
      await running.send(film.chunks[0]);
      await alone.nats.die();
      const first = await V1Publisher.open(one, "both", { format: "webm" });
      const second = await V1Publisher.open(two, "both", { format: "webm" });
      const only = await V1Publisher.open(two, "only", { format: "webm" });
      for (const publisher of [first, second, only]) assert.ok(publisher.ready, "taken for now");
      await running.send(film.chunks[1]);
      assert.equal(running.ws.closedWith, null);
      await alone.nats.run();
      await until(() => first.error || second.error, "one of two to lose", { ms: 30_000 });
      const loser = first.error ? first : second;
      assert.equal(loser.error.code, "stream-taken");
      const winner = loser === first ? second : first;
      assert.equal(winner.error, null);
      assert.equal(running.ws.closedWith, null, "what ran goes on");
      assert.equal(only.error, null, "nobody else had it");
      await until(async () => (await one.describe("only"))?.state === "live", "it to be told", {
        ms: 30_000,
      });
    });
  });

  test("a NATS that is stopped, not dead, holds nobody up for more than moments", async () => {
    await Cluster.with(1, async (alone) => {
      alone.nats.kill("SIGSTOP");
      const publisher = await V1Publisher.open(alone.nodes[0], "stopped", { format: "webm" });
      assert.ok(publisher.ready);
      alone.nats.kill("SIGCONT");
      await publisher.end();
    });
  });
});

test("the names of a node that was killed are free once its lease has ended", async () => {
  await Cluster.with(
    2,
    async (two) => {
      const [dying, other] = two.nodes;
      await V1Publisher.open(dying, "orphan", { format: "webm" });
      await until(async () => (await other.describe("orphan"))?.state === "live", "it to be known");
      process.kill(dying.pid, "SIGKILL");
      await dying.ended();
      await until(
        async () => (await V1Publisher.open(other, "orphan", { format: "webm" })).ready,
        "the name to be free",
        { ms: 30_000, every: 200 },
      );
    },
    ["--cluster-lease", "2s"],
  );
});

describe("at the start", () => {
  test("a server without --cluster loads no libnats", async () => {
    const { readFile } = await import("node:fs/promises");
    await Server.with({}, async (server) => {
      assert.doesNotMatch(await readFile(`/proc/${server.pid}/maps`, "utf8"), /libnats/);
    });
    assert.match(await readFile(`/proc/${cluster.nodes[0].pid}/maps`, "utf8"), /libnats/);
  });

  for (const [flags, why] of /** @type {[string[], RegExp][]} */ ([
    [["--cluster", "nats://127.0.0.1:4222"], /--cluster needs --node-url/],
    [["--cluster", "http://127.0.0.1:4222"], /nats:\/\/HOST:PORT/],
    [["--node-url", "http://127.0.0.1:1/x"], /it has no path/],
    [["--node-url", "http://127.0.0.1:1"], /go with --cluster/],
  ])) {
    test(`${flags.join(" ")} is refused with a sentence`, async () => {
      const server = new Server({ flags });
      assert.notEqual((await server.ended()).code, 0);
      assert.match(server.stderr, why);
    });
  }

  test("a node starts while NATS is away, and is in when it comes", async () => {
    const nats = await Nats.start();
    await nats.die();
    const alone = new Cluster(nats, cluster.secret);
    const server = await Server.start({
      flags: [
        ...["--cluster", nats.url, "--cluster-secret", alone.secret],
        ...["--node-url", "http://127.0.0.1:0"],
      ],
    });
    const publisher = await V1Publisher.open(server, "early", { format: "webm" });
    assert.ok(publisher.ready);
    await nats.run();
    await until(() => server.stderr.includes("is in, at"), "the node to be in", { ms: 30_000 });
    await server.stop();
    await nats.stop();
  });
});
