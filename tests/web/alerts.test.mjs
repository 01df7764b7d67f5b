/** Grafana's dashboard and Prometheus' rules in docs/: every metric that they name is one, and promtool takes them. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** @param {string} name */
const read = (name) => readFileSync(join(ROOT, name), "utf8");

/** Those of relay/base/metrics.h; of a histogram also its samples. */
const metrics = new Set(
  [...read("relay/base/metrics.h").matchAll(/^\/\/ \| (framewire_[^|]+)\| (\w+) \|/gm)].flatMap(
    ([, names, kind]) =>
      names
        .trim()
        .split(/,\s*/)
        .flatMap((name) =>
          kind === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
        ),
  ),
);
/** @type {any} */ const dashboard = JSON.parse(read("docs/grafana.json"));
/** @type {string[]} */ const queries = dashboard.panels.flatMap((/** @type {any} */ { targets }) =>
  targets.map((/** @type {any} */ { expr }) => expr),
);
const rules = read("docs/alerts.yml");

test("the dashboard and the rules name metrics that there are", () => {
  assert.ok(metrics.size > 30);
  assert.ok(queries.length >= 14);
  for (const text of [...queries, rules])
    for (const [name] of text.matchAll(/\bframewire_\w+/g)) assert.ok(metrics.has(name), name);
});

test("each panel has a place of its own", () => {
  const taken = new Map();
  for (const { title, gridPos } of dashboard.panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        assert.ok(x < 24, title);
        assert.equal(taken.get(`${x} ${y}`), undefined, title);
        taken.set(`${x} ${y}`, title);
      }
});

const promtool = spawnSync("promtool", ["--version"]).error === undefined;
const skip = !promtool && "no promtool here (apt-get install prometheus)";

test("promtool takes the rules", { skip }, () => {
  const said = execFileSync("promtool", ["check", "rules", join(ROOT, "docs/alerts.yml")], {
    encoding: "utf8",
  });
  assert.match(said, /SUCCESS: 1\d rules found/);
});

test("promtool takes each query of the dashboard", { skip }, () => {
  const dir = mkdtempSync(join(tmpdir(), "framewire-rules-"));
  const records = queries.map((expr, i) => ({
    record: `dashboard:q${i}`,
    expr: expr.replaceAll("$instance", ".*"),
  }));
  writeFileSync(
    join(dir, "rules.yml"),
    JSON.stringify({ groups: [{ name: "q", rules: records }] }),
  );
  const said = execFileSync("promtool", ["check", "rules", join(dir, "rules.yml")], {
    encoding: "utf8",
  });
  assert.match(said, new RegExp(`SUCCESS: ${queries.length} rules found`));
  rmSync(dir, { recursive: true });
});

test("the rules fire when they should, and not before", { skip }, () => {
  const dir = mkdtempSync(join(tmpdir(), "framewire-rules-"));
  const series = (/** @type {string} */ name, /** @type {string} */ values) => ({
    series: name,
    values,
  });
  const fires = (/** @type {string} */ alertname, /** @type {string} */ at, firing = true) => ({
    eval_time: at,
    alertname,
    exp_alerts: firing ? undefined : [],
  });
  /** One alert: what it sees, when it is quiet, when it fires, and its labels. @type {[string, {series: string, values: string}[], string, string, object][]} */
  const cases = [
    [
      "FramewireDown",
      [series('up{job="framewire",instance="a"}', "1 1 0x10")],
      "1m",
      "4m",
      { severity: "critical", job: "framewire", instance: "a" },
    ],
    [
      "FramewireOverloaded",
      [series('framewire_skips_total{instance="a",reason="overload"}', "0 0 0 0 5x20")],
      "2m",
      "6m",
      { severity: "critical", instance: "a" },
    ],
    [
      "FramewireRecordingFails",
      [series('framewire_recording_errors_total{instance="a",reason="disk-full"}', "0 0 0 0 1x20")],
      "2m",
      "6m",
      { severity: "critical", instance: "a", reason: "disk-full" },
    ],
    [
      "FramewireRestreamFails",
      [series('framewire_restreams{instance="a",state="waiting"}', "0 0 1x20")],
      "2m",
      "6m",
      { severity: "warning", instance: "a" },
    ],
  ];
  const tests = cases.map(([alertname, input_series, quiet, loud, exp_labels]) => ({
    interval: "1m",
    input_series,
    alert_rule_test: [
      fires(alertname, quiet, false),
      {
        eval_time: loud,
        alertname,
        exp_alerts: [{ exp_labels, exp_annotations: annotations(alertname, exp_labels) }],
      },
    ],
  }));
  writeFileSync(
    join(dir, "test.yml"),
    JSON.stringify({
      rule_files: [join(ROOT, "docs/alerts.yml")],
      evaluation_interval: "1m",
      tests,
    }),
  );
  const { status, stdout, stderr } = spawnSync(
    "promtool",
    ["test", "rules", join(dir, "test.yml")],
    {
      encoding: "utf8",
    },
  );
  rmSync(dir, { recursive: true });
  assert.equal(status, 0, stdout + stderr);
});

/** An alert's summary with its labels filled in. @param {string} alertname @param {any} labels */
function annotations(alertname, labels) {
  const rule = rules.slice(rules.indexOf(`alert: ${alertname}\n`));
  const [, summary] = /summary: "([^"]+)"/.exec(rule) ?? [];
  return { summary: summary?.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, name) => labels[name]) };
}
