/** The page of recordings, and what the studio says of them; each state photographed. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { look, untilPage, untilText } from "./lib/look.mjs";
import { describePages, goLive } from "./lib/page_states.mjs";
import { Server } from "./lib/server.mjs";

describePages("states of the page of recordings", ({ state }) => {
  state(
    "recordings: none, one being made by the studio's switch, finished, played, deleted",
    async (open) => {
      const dir = mkdtempSync(join(tmpdir(), "framewire-"));
      mkdirSync(join(dir, "old"));
      writeFileSync(join(dir, "old", "2026-01-01_00-00-00.webm.part"), "no film");
      try {
        await Server.with({ flags: ["--record-dir", dir] }, async (own) => {
          const list = await open(`${own.origin}/recordings?stream=show`);
          await untilText(list, "empty", /Nothing has been recorded/);
          await look(list, "recordings-empty");
          const studio = await open(`${own.origin}/publish/show`);
          await studio.check("#record");
          await goLive(studio);
          await untilText(studio, "taping", /Recording/);
          await untilText(list, "recordings", /Recording/);
          await look(list, "recordings-recording");
          await look(studio, "studio-recording");
          await untilText(studio, "time", /0:0[4-9]/);
          await studio.click("#go");
          await untilText(studio, "taped", /See the recording/);
          await untilText(list, "recordings", /0:0\d[\s\S]*Download/);
          await list.selectOption("#stream", "");
          await untilText(list, "recordings", /Broken/);
          await untilPage(
            list,
            "document.querySelector('.tape img').naturalWidth > 0",
            "the thumbnail",
          );
          await look(list, "recordings-some");

          await list.click(".poster:enabled");
          const film = "document.querySelector('#screen video')";
          await untilPage(list, `${film}.readyState >= 3`, "the film");
          await list.evaluate(`void (${film}.currentTime = ${film}.duration * 0.9)`);
          await untilPage(list, `!${film}.seeking && ${film}.readyState >= 2`, "the place sought");
          await look(list, "recordings-playing");
          await list.keyboard.press("Escape");
          const id = await list.evaluate(
            "document.querySelector('.tape:has(.poster:enabled)').dataset.id",
          );
          const file = await own.fetch(`/recordings/${id}?download`);
          assert.match(String(file.headers.get("content-disposition")), /^attachment/);

          await list.click(`.tape:has(.poster:enabled) .delete`);
          await look(list, "recordings-delete");
          await list.click("text=Keep it");
          await list.click(`.tape:has(.poster:enabled) .delete`);
          await list.click("#sure .danger");
          await untilPage(list, "!document.querySelector('.poster:enabled')", "the card to go");
          assert.equal((await own.fetch(`/recordings/${id}`)).status, 404);
        });
      } finally {
        rmSync(dir, { recursive: true });
      }
    },
  );

  state("recordings: a server that makes none, and one that wants a key", async (open) => {
    const studio = await open("/publish/untaped");
    await studio.check("#record");
    await goLive(studio);
    await untilText(studio, "alert", /does not record/);
    await look(studio, "studio-cannot-record");
    await Server.with({ flags: ["--watch-key", "sesame"] }, async (guarded) => {
      const list = await open(`${guarded.origin}/recordings`);
      await untilText(list, "keyform", /open with a key/);
      await look(list, "recordings-key-needed");
    });
  });
});
