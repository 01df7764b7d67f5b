/** The pages of operators: /admin with a key, from one that is wrong to a kick, and /api; each state photographed. */
import assert from "node:assert/strict";
import { look, untilPage, untilText } from "./lib/look.mjs";
import { container } from "./lib/media.mjs";
import { describePages } from "./lib/page_states.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { V1Viewer } from "./lib/viewer.mjs";

const BOSS = { headers: { Authorization: "Bearer boss" } };

describePages("states of the admin page", ({ state }) => {
  state("a key, streams, sessions, a title, a recording, a kick, an end", async (open) => {
    await withFolder(async (dir) => {
      const flags = ["--publish-key", "boss", "--record-dir", dir, "--viewer-events"];
      await Server.with({ flags }, async (own) => {
        const admin = await open(`${own.origin}/admin`);
        /** @type {string[]} */ const asked = [];
        admin.on("request", (/** @type {any} */ request) => asked.push(request.url()));
        await untilText(admin, "keywhy", /opens with a key/);
        await look(admin, "admin-key");
        await admin.fill("#key", "wrong");
        await admin.press("#key", "Enter");
        await untilText(admin, "keywhy", /does not open this page/);
        await admin.fill("#key", "boss");
        await admin.press("#key", "Enter");
        await untilText(admin, "nostreams", /Nobody is live/);
        assert.equal(new URL(admin.url()).search, "", "no key in the address");

        const publisher = await V1Publisher.open(own, "stage/main", { title: "Rehearsal" }, BOSS);
        await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks);
        const viewers = [];
        for (let i = 0; i < 3; i += 1) viewers.push(await V1Viewer.open(own, "stage/main"));
        await untilText(admin, "streams", /stage\/main · Rehearsal[\s\S]*3 viewers/);
        await untilText(admin, "sessions", /Publishes[\s\S]*a publish key[\s\S]*Watches/);
        await untilText(admin, "events", /viewer-join[\s\S]*publish/);

        await admin.click("#streams .acts button:nth-child(1)");
        await untilText(admin, "streams", /Stop recording/);
        await untilText(admin, "recordings", /recording/);
        await look(admin, "admin-live");
        await admin.click("#streams .acts button:nth-child(1)");
        await untilText(admin, "recordings", /done/);

        await admin.click("#streams .acts button:nth-child(2)");
        await admin.fill("#title", "Opening night");
        await look(admin, "admin-title");
        await admin.click("#sureyes");
        await untilText(admin, "streams", /Opening night/);
        assert.equal((await viewers[0].untilSaid("title")).title, "Opening night");

        await admin.click("#sessions li:has(.state:text('Watches')) button:text('Kick')");
        await untilText(admin, "sure", /Kick\?[\s\S]*A viewer of stage\/main, 127\.0\.0\.1/);
        await look(admin, "admin-kick");
        await admin.click("#sureyes");
        await untilPage(
          admin,
          "document.querySelectorAll('#sessions li').length === 3",
          "one less",
        );
        const kicked = viewers.filter(({ said }) => said.some((m) => m.code === "kicked"));
        assert.equal(kicked.length, 1);

        await admin.click("#sessions li:has(.state:text('Watches')) button:text('Ban')");
        await untilText(admin, "sure", /Ban 127\.0\.0\.1\?/);
        await admin.click("#sureyes");
        await untilText(admin, "alert", /whoever asks/); // it is its own
        const api = { method: "POST", headers: BOSS.headers };
        const body = JSON.stringify({ identity: "mallory", reason: "rude" });
        await own.fetch("/api/v1/bans", { ...api, body });
        await untilText(admin, "bans", /mallory[\s\S]*rude/);
        await look(admin, "admin-bans");
        await admin.click("#bans button");
        await untilText(admin, "nobans", /Nobody is banned/);

        await admin.click("#streams .danger");
        await admin.click("#sureyes");
        await untilText(admin, "nostreams", /Nobody is live/);
        assert.equal((await publisher.untilSaid("error")).code, "stream-ended");
        await untilText(admin, "events", /unpublish/);

        assert.ok(asked.some((url) => url.endsWith("/api/v1/events")));
        assert.deepEqual(
          asked.filter((url) => url.includes("boss")),
          [],
          "no key in the address of any request",
        );
        await admin.reload();
        await untilText(admin, "recordings", /done/);
        await admin.click("#forget");
        await untilText(admin, "keywhy", /opens with a key/);
        for (const viewer of viewers) viewer.ws.cut();
      });
    });
  });

  state("the API, described", async (open) => {
    await Server.with({}, async (own) => {
      const page = await open(`${own.origin}/api`);
      await untilText(page, "operations", /GET[\s\S]*\/api\/v1\/sessions[\s\S]*DELETE/);
      await look(page, "api");
      await page.click(".operation:has-text('page by page') summary");
      await page.click("details[open] a[href='#schema-Sessions']");
      await untilPage(
        page,
        "document.getElementById('schema-Sessions').open",
        "the schema to open",
      );
      await untilText(page, "schema-Sessions", /"next"/);
      await look(page, "api-operation");
    });
  });
});
