/** /render: a page that is dropped becomes a film by the server, and a canvas in the page; each state photographed. */
// @alone: browsers that draw every frame take both cores
import assert from "node:assert/strict";
import { join } from "node:path";
import { chromiumPath } from "./lib/chromium.mjs";
import { numbersIn, upTo } from "./lib/counter.mjs";
import { look, untilPage, untilText } from "./lib/look.mjs";
import { describePages } from "./lib/page_states.mjs";
import { withFolder } from "./lib/recordings.mjs";
import { CANVAS } from "./lib/render_pages.mjs";
import { Server } from "./lib/server.mjs";

const WRONG = "<p>one</p>\n<script>\nconsole.warn('careful');\ngone();\n</script>";

/** @param {string} name @param {string} text */
const page = (name, text) => ({ name, mimeType: "text/html", buffer: Buffer.from(text) });

describePages("states of the page for films", ({ state, server }) => {
  state(
    "a key; a page that is dropped, its progress, its film; one that fails; one that is cancelled",
    async (open) => {
      await withFolder(async (dir) => {
        const flags = ["--publish-key", "boss", "--record-dir", dir, "--render"];
        flags.push("--render-chromium", String(chromiumPath()));
        await Server.with({ flags }, async (own) => {
          const films = await open(`${own.origin}/render`);
          /** @type {string[]} */ const asked = [];
          films.on("request", (/** @type {any} */ request) => asked.push(request.url()));
          await untilText(films, "keywhy", /opens with a key/);
          await look(films, "render-key");
          await films.fill("#key", "wrong");
          await films.press("#key", "Enter");
          await untilText(films, "keywhy", /does not open this page: it needs the right manage/);
          await films.fill("#key", "boss");
          await films.press("#key", "Enter");
          await untilText(films, "nofilms", /none yet/);
          await look(films, "render-empty");

          await films.click("#go");
          await untilText(films, "alert", /Which page\?/);
          await films.setInputFiles("#file", page("bars.html", CANVAS));
          await untilText(films, "dropname", /bars\.html, \d/);
          await films.selectOption("#size", "640x360");
          await films.selectOption("#fps", "30");
          await films.fill("#duration", "long");
          await films.click("#go");
          await untilText(films, "alert", /length is such as 20 or 1:30/);
          await films.fill("#duration", "0.4");
          await films.click("summary");
          await films.fill("#canvas", "#scene");
          await look(films, "render-wishes");
          await films.click("#go");
          await untilText(
            films,
            "filmrows",
            /Done[\s\S]*bars[\s\S]*0:00 · 320 × 180 · 30 a second · MP4/,
          );
          const [saved] = await Promise.all([
            films.waitForEvent("download"),
            films.click("#filmrows button:text('Download')"),
          ]);
          const file = join(dir, ".saved.mp4");
          await saved.saveAs(file);
          assert.deepEqual(await numbersIn(file), upTo(12));

          await films.fill("#canvas", "");
          await films.setInputFiles("#file", page("wrong.html", WRONG));
          await films.click("#go");
          await untilText(
            films,
            "filmrows",
            /Failed[\s\S]*page\.html:4:\d+: ReferenceError[\s\S]*page\.html:3:\d+: careful/,
          );

          await films.setInputFiles("#file", page("long.html", "<h1>A long one</h1>"));
          await films.fill("#title", "A long one");
          await films.fill("#duration", "1:00:00");
          await films.click("#go");
          await films.click("#go");
          await untilText(
            films,
            "filmrows",
            /Waits[\s\S]*Rendering[\s\S]*A long one[\s\S]*[1-9]\d* of 108000 frames · .* left/,
          );
          await look(films, "render-running");
          for (let i = 0; i < 2; i++) {
            await films.click("#filmrows button:text('Cancel')");
            await untilPage(
              films,
              `document.querySelectorAll('#filmrows .danger').length === ${1 - i}`,
              "one less that runs",
            );
          }
          await untilText(films, "filmrows", /Cancelled[\s\S]*Cancelled[\s\S]*Failed[\s\S]*Done/);
          await films.click("#filmrows button:text('Forget')");
          await untilPage(
            films,
            "document.querySelectorAll('#filmrows > li').length === 3",
            "one less",
          );
          await look(films, "render-films");

          await films.setInputFiles("#file", []);
          await films.fill("#url", "http://127.0.0.1:1/");
          await films.click("#go");
          await untilText(films, "alert", /--render-origin/);
          assert.deepEqual(
            asked.filter((url) => url.includes("boss")),
            [],
            "no key in the address of any request",
          );
          await films.click("#forget");
          await untilText(films, "keywhy", /opens with a key/);
        });
      });
    },
  );

  state("a page that is dropped with the mouse", async (open) => {
    await withFolder(async (dir) => {
      await Server.with({ flags: ["--record-dir", dir, "--render"] }, async (own) => {
        const films = await open(`${own.origin}/render`);
        await untilText(films, "nofilms", /none yet/);
        await films.evaluate(`(() => {
          const data = new DataTransfer();
          data.items.add(new File(["<p>x"], "drop.html", { type: "text/html" }));
          const drop = document.getElementById("drop");
          for (const name of ["dragenter", "dragover", "drop"])
            drop.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
        })()`);
        await untilText(films, "dropname", /drop\.html, 4 B/);
      });
    });
  });

  state(
    "a canvas of the page: rendered, one cancelled; servers that make no films",
    async (open) => {
      await withFolder(async (dir) => {
        await Server.with({ flags: ["--record-dir", dir] }, async (own) => {
          const films = await open(`${own.origin}/render`);
          await untilText(films, "off", /opens no pages[\s\S]*--render/);
          await look(films, "render-off");
          await films.selectOption("#length", "60");
          await films.selectOption("#lines", "360");
          await films.click("#scenego");
          await untilText(films, "scenenote", /^[1-9]\d* of 1800 frames · .* left/);
          await look(films, "render-scene");
          await films.click("#scenego");
          await untilText(films, "scenenote", /cancelled/);
          await films.selectOption("#length", "2");
          await films.click("#scenego");
          await untilText(films, "scenenote", /^60 frames · 2 s · /);
          const [saved] = await Promise.all([
            films.waitForEvent("download"),
            films.click("#scenesave"),
          ]);
          assert.match(saved.suggestedFilename(), /\.mp4$/);
        });
      });
      const none = await open(`${server().origin}/render`);
      await none.click("#scenego");
      await untilText(none, "scenenote", /without --record-dir/);
    },
  );
});
