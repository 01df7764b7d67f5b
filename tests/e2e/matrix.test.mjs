/**
 * The table in docs/formats.md is true: some of its rows here, all of them by tools/prove (FRAMEWIRE_PROVE=1).
 * FRAMEWIRE_WRITE=1 writes it anew.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { COLUMNS, fill, markdown, ROWS, rewritten, rowIn, written } from "./lib/matrix.mjs";
import { recorder, withFolder } from "./lib/recordings.mjs";

const FORMATS = new URL("../../docs/formats.md", import.meta.url);
const WRITE = process.env.FRAMEWIRE_WRITE === "1";
const ALL = WRITE || process.env.FRAMEWIRE_PROVE === "1";
const SOME = /^(WebM: VP8|MP4: H.264, Opus|PNG)/;

describe("The table of what is made of what", () => {
  /** @type {[string, Record<string, import('./lib/matrix.mjs').Cell>][]} */ const rows = [];
  for (const row of ROWS.filter(({ name }) => ALL || SOME.test(name)))
    test(row.name, { timeout: 120_000 }, () =>
      withFolder(async (dir) => {
        // All at once is published faster than some encoders are: they may take their time.
        const server = await recorder(dir, [
          "--codec-idle",
          "1s",
          "--hls-segment",
          "1s",
          "--max-lag",
          "60s",
        ]);
        try {
          rows.push([row.name, await fill(server, row)]);
        } finally {
          await server.stop();
        }
      }),
    );

  test("is what was found", () => {
    const text = readFileSync(FORMATS, "utf8");
    const found = markdown(rows);
    if (WRITE && rows.length === ROWS.length) writeFileSync(FORMATS, rewritten(text, found));
    const told = written(readFileSync(FORMATS, "utf8"));
    for (const [name] of rows) {
      const cells = rowIn(told, name);
      assert.equal(cells.length, COLUMNS.length, `${name} is not in docs/formats.md`);
      assert.deepEqual(cells, rowIn(found, name), name);
    }
    if (ALL) assert.equal(told, found);
    const works = rows.flatMap(([, cells]) => COLUMNS.map((c) => cells[c].way));
    const kinds = ["remux", "transcode", "no"].map(
      (way) => `${works.filter((w) => w === way).length} ${way}`,
    );
    console.log(`figure: ${works.length} cells: ${kinds.join(", ")}`);
  });
});
