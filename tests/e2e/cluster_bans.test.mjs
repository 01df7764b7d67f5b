/** What an operator does at one node of a cluster holds at the others; and what is shown of a cluster. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { Cluster } from "./lib/cluster.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { binary } from "./lib/server.mjs";
import { V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

const run = promisify(execFile);
const FLAGS = ["--trust-proxy", "127.0.0.1", "--publish-key", "boss"];
const BOSS = { Authorization: "Bearer boss" };

test("a ban is told to all nodes, and so is its end", async () => {
  await Cluster.with(
    2,
    async ({ nodes: [here, there] }) => {
      const stranger = { headers: { "X-Forwarded-For": "198.51.100.9" } };
      const viewer = await V1Viewer.open(there, "cam", stranger);
      const made = await here.fetch("/api/v1/bans", {
        method: "POST",
        headers: BOSS,
        body: JSON.stringify({ address: "198.51.100.9", reason: "a test" }),
      });
      assert.equal(made.status, 200);
      assert.equal((await viewer.ws.closed()).code, 1008);
      const { bans } = await (await there.fetch("/api/v1/bans", { headers: BOSS })).json();
      assert.equal(bans[0].who ?? bans[0].address, "198.51.100.9");
      const { id } = await made.json();
      const lifted = await here.fetch(`/api/v1/bans/${id}`, { method: "DELETE", headers: BOSS });
      assert.equal(lifted.status, 204);
      await until(async () => {
        const all = await (await there.fetch("/api/v1/bans", { headers: BOSS })).json();
        return all.bans.length === 0;
      }, "the other node to lift it");
    },
    FLAGS,
  );
});

test("framewire cluster status shows nodes and streams", async () => {
  await Cluster.with(
    2,
    async (cluster) => {
      const [here, there] = cluster.nodes;
      const publisher = await V1Publisher.open(here, "shown", { format: "webm" });
      await until(async () => await there.describe("shown"), "it to be known");
      const args = ["cluster", "status", "--cluster", cluster.nats.url];
      const { stdout } = await run(binary(), args);
      for (const node of cluster.nodes) assert.ok(stdout.includes(node.origin), stdout);
      assert.match(stdout, /eu/);
      assert.ok(stdout.includes(`shown  at ${here.origin}`), stdout);
      const shown = JSON.parse((await run(binary(), [...args, "--json"])).stdout);
      assert.equal(shown.nodes.length, 2);
      assert.equal(shown.streams[0].url, here.origin);
      await publisher.end();
      await assert.rejects(run(binary(), ["cluster", "status"]), /--cluster SERVERS is missing/);
    },
    ["--region", "eu"],
  );
});
