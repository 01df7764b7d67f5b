/** The components for React, Vue and Svelte in samples/frameworks: one publishes, one watches, and both clean up. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a project's bundler does of components in one file. @type {import("esbuild").Plugin} */
const components = {
  name: "components",
  setup({ onLoad }) {
    onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { compile } = await import("svelte/compiler");
      const { js, warnings } = compile(readFileSync(path, "utf8"), { filename: path });
      assert.deepEqual(warnings, []);
      return { contents: js.code };
    });
    onLoad({ filter: /\.vue$/ }, async ({ path }) => {
      const { compileScript, parse } = await import("vue/compiler-sfc");
      const { descriptor, errors } = parse(readFileSync(path, "utf8"), { filename: path });
      assert.deepEqual(errors, []);
      return { contents: compileScript(descriptor, { id: "live", inlineTemplate: true }).content };
    });
  },
};

/** `show(props)` mounts the component or gives it other properties, `hide()` takes it out. @type {Record<string, string>} */
const MOUNTS = {
  react: `
    import { createElement, StrictMode } from "react";
    import { createRoot } from "react-dom/client";
    import { Live, OnAir } from "./react.jsx";
    const root = createRoot(document.body.appendChild(document.createElement("main")));
    window.show = ({ publishes, ...props }) =>
      root.render(createElement(StrictMode, null, createElement(publishes ? OnAir : Live, props)));
    window.hide = () => root.unmount();`,
  vue: `
    import { createApp, h, reactive } from "vue";
    import Live from "./LiveStream.vue";
    const props = reactive({});
    const app = createApp({ render: () => props.server && h(Live, props) });
    app.mount(document.body.appendChild(document.createElement("main")));
    window.show = (given) => Object.assign(props, given);
    window.hide = () => app.unmount();`,
  svelte: `
    import { createClassComponent } from "svelte/legacy";
    import Live from "./LiveStream.svelte";
    let live = null;
    window.show = (props) => {
      if (live) live.$set(props);
      else live = createClassComponent({ component: Live, target: document.body, props });
    };
    window.hide = () => live.$destroy();`,
};

const KEEP_CAMERAS = `{
  const devices = navigator.mediaDevices;
  const open = devices.getUserMedia.bind(devices);
  window.tracks = [];
  devices.getUserMedia = async (wish) => {
    const media = await open(wish);
    window.tracks.push(...media.getTracks());
    return media;
  };
} 0`;

/** Three development builds, each with an encoder and a decoder. */
const SLOW = { ms: 40_000 };

describe("components of", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {Server} */ let server;
  /** @type {Awaited<ReturnType<typeof launchChromium>>} */ let browser;
  before(async () => {
    server = await Server.start();
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await server.stop();
  });

  for (const [name, contents] of Object.entries(MOUNTS)) {
    test(`${name} publish, watch and clean up`, {
      timeout: 180_000,
    }, async () => {
      const { outputFiles } = await build({
        stdin: { contents, resolveDir: `${root}samples/frameworks`, loader: "js" },
        bundle: true,
        define: { "process.env.NODE_ENV": '"development"' },
        conditions: ["browser"],
        format: "esm",
        jsx: "automatic",
        plugins: [components],
        write: false,
      });
      const open = async () => {
        const tab = /** @type {any} */ (await browser.open());
        await tab.goto(`${server.origin}/healthz`);
        await tab.evaluate(KEEP_CAMERAS);
        await tab.page.addScriptTag({ content: outputFiles[0].text, type: "module" });
        await tab.page.waitForFunction("window.show");
        return tab;
      };
      /** @param {any} tab @param {object} props */
      const show = (tab, props) => tab.evaluate(`void show(${JSON.stringify(props)})`);
      const stream = `frameworks/${name}`;
      const props = { server: server.origin, stream };
      const described = () => server.describe(stream);

      const [studio, watch] = [await open(), await open()];
      await show(studio, { ...props, publishes: true });
      await until(async () => (await described())?.state === "live", "the stream", SLOW);
      await show(watch, props);
      await watch.page.waitForFunction(
        "(() => { const v = document.querySelector('video'); return v?.videoWidth > 0 && v.currentTime > 0; })()",
      );
      await until(async () => (await described())?.viewers === 1, "one viewer", SLOW);
      await watch.evaluate("hide()");
      await until(async () => (await described())?.viewers === 0, "no viewer", SLOW);
      await studio.evaluate("hide()");
      await until(async () => !(await described()), "the end of the stream", SLOW);
      await until(
        () => studio.evaluate("tracks.length > 0 && tracks.every((t) => t.readyState === 'ended')"),
        "the camera to be off",
        SLOW,
      );
      for (const tab of [studio, watch]) {
        assert.deepEqual(tab.complaints, []);
        await tab.close();
      }
    });
  }
});
