/** Looking at a page: a screenshot in each size and colour scheme, and what axe-core finds serious in it. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./wait.mjs";

const FOLDER = fileURLToPath(new URL("../../../build/pages/", import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SERIOUS = ["serious", "critical"];
/** All rules of axe-core in one view, and in the others those that size and colours decide. */
const BY_LOOKS = [
  "color-contrast",
  "label-content-name-mismatch",
  "scrollable-region-focusable",
  "target-size",
];
/** The narrowest window that nothing may stick out of, in CSS pixels. */
const NARROWEST = 320;
const OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
/** @type {{width: number, height: number, colorScheme: "dark" | "light"}[]} */
const VIEWS = [
  { width: 390, height: 844, colorScheme: "dark" },
  { width: 1440, height: 900, colorScheme: "light" },
];

/**
 * @param {any} page Playwright's
 * @param {string} state names the screenshots, build/pages/STATE-WIDTH.png
 */
export async function look(page, state) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [view, { width, height, colorScheme }] of VIEWS.entries()) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const path = join(FOLDER, `${state}-${width}.png`);
    await page.screenshot({ path, fullPage: true });
    const where = `${state} at ${width}, ${colorScheme}`;
    assert.deepEqual(await seriousIn(page, view === 0 ? null : BY_LOOKS), [], where);
    assert.equal(await page.evaluate(OVERFLOW), 0, `${where}: wider than the window`);
  }
  await page.setViewportSize({ width: NARROWEST, height: 640 });
  assert.equal(await page.evaluate(OVERFLOW), 0, `${state} is wider than ${NARROWEST}`);
}

/** @param {any} page @param {string[] | null} rules null = all @returns {Promise<string[]>} rule and element of each finding */
export async function seriousIn(page, rules) {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(AXE);
  const options = { resultTypes: ["violations"], ...(rules && { runOnly: rules }) };
  const { violations } = await page.evaluate(`axe.run(${JSON.stringify(options)})`);
  return violations
    .filter((/** @type {any} */ { impact }) => SERIOUS.includes(impact))
    .flatMap((/** @type {any} */ { id, nodes }) =>
      nodes.map(
        (/** @type {any} */ node) => `${id}: ${node.target.join(" ")} ${node.failureSummary}`,
      ),
    );
}

/** Asks the page itself: waitForFunction() needs eval, which the pages' policy forbids. A page that is loading has no answer yet. @param {any} page @param {string} code @param {string} what */
export const untilPage = (page, code, what) =>
  until(() => page.evaluate(code).catch(() => false), `${what}, in ${page.url()}`, {
    ms: 30_000,
    every: 50,
  });

/** @param {any} page @param {string} id @param {RegExp} pattern */
export const untilText = (page, id, pattern) =>
  untilPage(
    page,
    `${pattern}.test(document.getElementById(${JSON.stringify(id)}).innerText)`,
    `#${id} to say ${pattern}`,
  );

/** The same of what stands over the picture of `<framewire-player>`. @param {any} page @param {RegExp} pattern */
export const untilCover = (page, pattern) =>
  untilPage(
    page,
    `(() => { const c = document.querySelector("framewire-player").shadowRoot.querySelector(".cover");
       return !c.hidden && ${pattern}.test(c.innerText); })()`,
    `the player to say ${pattern}`,
  );

/** @param {any} page */
export const untilPlays = (page) =>
  untilPage(
    page,
    `(() => { const v = document.querySelector("framewire-player").shadowRoot.querySelector("video");
       return v.videoWidth > 0 && v.currentTime > 0 && !v.paused && v.readyState >= 3; })()`,
    "moving pictures",
  );
