/** The studio: cameras, a taken name, files, what a browser refuses; each state photographed. */
import assert from "node:assert/strict";
import { launchChromium } from "./lib/chromium.mjs";
import { look, untilPage, untilPlays, untilText } from "./lib/look.mjs";
import { mediaPath } from "./lib/media.mjs";
import { describePages, goLive } from "./lib/page_states.mjs";

describePages("states of the studio", ({ state, server }) => {
  state(
    "studio: off air, preview, live from a camera, sound off, a name that is taken",
    async (open) => {
      const studio = await open("/publish/taken");
      await look(studio, "studio-off-air");
      await studio.click("#open");
      await untilPage(studio, "document.getElementById('preview').videoWidth > 0", "the preview");
      await untilPage(studio, "document.getElementById('level').value > 0", "the level meter");
      await untilPage(studio, "document.getElementById('camera').length > 1", "the cameras' names");
      await look(studio, "studio-preview");
      await studio.selectOption("#height", "360");
      await untilPage(
        studio,
        "document.getElementById('preview').videoHeight === 360",
        "360 lines",
      );
      await goLive(studio, "camera");
      await untilText(studio, "rate", /[1-9]\d* kb\/s|Mb\/s/);
      await studio.click("#mute");
      await untilText(studio, "mute", /Muted/);
      await untilPage(studio, "document.getElementById('level').value === 0", "silence");
      await look(studio, "studio-live");
      const second = await open("/publish/taken");
      await second.check("input[value=canvas]", { force: true });
      await second.click("#go");
      await untilText(second, "alert", /already live/);
      await look(second, "studio-name-taken");
    },
  );

  state("studio: another source while live, and the viewers stay", async (open) => {
    const studio = await open("/publish/changes");
    await studio.selectOption("#height", "360");
    await goLive(studio, "camera");
    const watch = await open("/watch/changes");
    await untilPlays(watch);
    const lines = (/** @type {number} */ height) =>
      untilPage(
        watch,
        `(() => { const { player, video } = document.getElementById("player");
           return player.state === "live" && (player.canvas?.height ?? video.videoHeight) === ${height}; })()`,
        `${height} lines at the viewer`,
      );
    await lines(360);
    assert.equal(await studio.isDisabled("#quality"), true);
    await studio.selectOption("#height", "480");
    await lines(480);
    await studio.check("input[value=canvas]", { force: true });
    await lines(360); // the test card's
    await look(studio, "studio-live-another-source");
    assert.match((await studio.textContent("#state")) ?? "", /Live/);
    assert.equal(await studio.textContent("#alert"), "");
    await studio.click("#go");
    await untilText(studio, "state", /Off air/);
  });

  state("studio: a file", async (open) => {
    const studio = await open("/publish/file");
    await studio.check("input[value=file]", { force: true });
    await look(studio, "studio-file");
    await studio.setInputFiles("#file", mediaPath("chromium-vp8-opus-camera.webm"));
    await untilPage(studio, "document.getElementById('preview').videoWidth > 0", "the preview");
    const watch = await open("/watch/file");
    await goLive(studio, "file");
    await untilPlays(watch);
    await studio.click("#go");
    await untilText(studio, "state", /Off air/);
    await studio.setInputFiles("#file", {
      name: "a.webm",
      mimeType: "video/webm",
      buffer: Buffer.from("no film"),
    });
    await untilText(studio, "alert", /does not know its format/);
    await look(studio, "studio-file-unplayable");
  });

  /** name, browser flags, host, what the page says @type {[string, string[], string, RegExp][]} */
  const refusals = [
    ["denied", ["--use-fake-ui-for-media-stream=deny"], "127.0.0.1", /not allowed/],
    [
      "no-camera",
      ["--use-fake-device-for-media-stream=device-count=0"],
      "127.0.0.1",
      /Plug one in/,
    ],
    ["insecure", ["--host-resolver-rules=MAP cam.local 127.0.0.1"], "cam.local", /https/],
  ];
  for (const [name, flags, host, says] of refusals) {
    state(`studio: camera ${name}`, async (open) => {
      const other = await launchChromium(flags);
      try {
        const url = `http://${host}:${server().port}/publish/refused`;
        const studio = await open(url, other);
        await studio.click("#go");
        await untilText(studio, "alert", says);
        await look(studio, `studio-camera-${name}`);
        if (name === "denied") {
          await studio.check("input[value=screen]", { force: true });
          await studio.click("#go");
          await untilText(studio, "alert", /choose a screen/);
          await look(studio, "studio-screen-denied");
        }
        await goLive(studio); // the test card needs nobody's leave
      } finally {
        await other.close();
      }
    });
  }
});
