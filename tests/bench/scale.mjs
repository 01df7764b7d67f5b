/**
 * What a delivered message costs the server as viewers and streams grow: CPU per message of 6 KB at
 * 30,000 deliveries a second in every point, framewire beside limit. Prints the points and draws them.
 *
 *   node tests/bench/scale.mjs [--rounds 3] [--seconds 4] [--build build/release] [--svg FILE]
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseArgs, promisify } from "node:util";
import { framewirePath, startServer } from "./servers.mjs";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "4" },
    build: { type: "string", default: "build/release" },
    svg: { type: "string" },
  },
});
const kDeliveries = 30_000;
const kServers = ["framewire", "limit"];
/** @typedef {{streams: number, viewers: number, x: number}} Point */
/** @type {{name: string, axis: string, points: Point[]}[]} */
const panels = [
  {
    name: "one stream",
    axis: "viewers",
    points: [10, 30, 100, 300, 1000, 4000].map((n) => ({ streams: 1, viewers: n, x: n })),
  },
  {
    name: "8 viewers each",
    axis: "streams",
    points: [1, 5, 20, 100, 500].map((n) => ({ streams: n, viewers: 8, x: n })),
  },
];

/** @param {string} server @param {Point} point @returns {Promise<number>} µs of CPU per message */
async function measure(server, { streams, viewers }) {
  const started = await startServer(server, false, options.build);
  try {
    const rate = `${Math.max(1, Math.round(kDeliveries / streams / viewers))}`;
    const words = ["bench", "--url", started.url, "--server-pid", `${started.pid}`, "--json", "-"];
    words.push("--streams", `${streams}`, "--viewers", `${viewers}`, "--rate", rate);
    words.push("--message", "6KB", "--seconds", options.seconds);
    const { stdout } = await promisify(execFile)(framewirePath(options.build), words, {
      maxBuffer: 1 << 24,
    });
    const run = JSON.parse(stdout);
    if (run.messages.lost > 0) throw new Error(`${server} lost ${run.messages.lost} messages`);
    return run.server.cpu_s_per_million_messages;
  } finally {
    await started.stop();
  }
}

/** @param {number[]} numbers */
const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

/** @type {Map<string, number[]>} */ const measured = new Map();
/** @param {string} server @param {Point} point */
const key = (server, { streams, viewers }) => `${server} ${streams} ${viewers}`;
for (let round = 0; round < Number(options.rounds); ++round) {
  const order = round % 2 === 0 ? kServers : [...kServers].reverse();
  for (const point of panels.flatMap((panel) => panel.points))
    for (const server of order) {
      const all = measured.get(key(server, point)) ?? [];
      measured.set(key(server, point), [...all, await measure(server, point)]);
    }
}
/** @param {string} server @param {Point} point */
const cost = (server, point) => median([...(measured.get(key(server, point)) ?? [])]);

for (const { name, axis, points } of panels) {
  for (const point of points) {
    const [own, least] = kServers.map((server) => cost(server, point));
    console.log(
      `${name}, ${point.x} ${axis}: ${own.toFixed(2)} µs a message, limit ${least.toFixed(2)}`,
    );
  }
  const costs = points.map((point) => cost("framewire", point));
  const spread = Math.max(...costs) / Math.min(...costs);
  console.log(`${name}: dearest over cheapest ${spread.toFixed(2)}`);
}

function draw() {
  const [width, height, left, top, plot] = [760, 300, 46, 40, 200];
  const most = Math.max(...[...measured.values()].flat()) * 1.1;
  const colours = { framewire: "#2563eb", limit: "#9ca3af" };
  const parts = panels.map(({ name, axis, points }, i) => {
    const x0 = left + i * (width / 2);
    const span = width / 2 - left - 24;
    const logs = points.map((p) => Math.log10(p.x));
    const place = (/** @type {number} */ n) =>
      x0 + ((logs[n] - logs[0]) / (logs[logs.length - 1] - logs[0])) * span;
    const up = (/** @type {number} */ us) => top + plot - (us / most) * plot;
    const lines = kServers.map((server) => {
      const dots = points.map((p, n) => [place(n), up(cost(server, p))].map((v) => v.toFixed(1)));
      const colour = colours[/** @type {keyof typeof colours} */ (server)];
      const circles = dots.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`);
      return `<polyline points="${dots.map((d) => d.join(",")).join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>${circles.join("")}`;
    });
    const ticks = points.map(
      (p, n) =>
        `<text x="${place(n).toFixed(0)}" y="${top + plot + 18}" text-anchor="middle">${p.x}</text>`,
    );
    const rows = [0, 2, 4, 6, 8, 10, 12, 14]
      .filter((us) => us < most)
      .map(
        (us) =>
          `<line x1="${x0}" x2="${x0 + span}" y1="${up(us)}" y2="${up(us)}" stroke="#8884"/><text x="${x0 - 6}" y="${up(us) + 4}" text-anchor="end">${us}</text>`,
      );
    return `<text x="${x0}" y="${top - 14}" font-weight="600">${name}: µs of CPU a message</text>${rows.join("")}${lines.join("")}${ticks.join("")}<text x="${x0 + span / 2}" y="${top + plot + 38}" text-anchor="middle">${axis}</text>`;
  });
  const legend = kServers.map((server, i) => {
    const colour = colours[/** @type {keyof typeof colours} */ (server)];
    return `<circle cx="${left + i * 110}" cy="${height - 14}" r="4" fill="${colour}"/><text x="${left + 9 + i * 110}" y="${height - 10}">${server}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#6b7280"><title>CPU per delivered message, by viewers and by streams</title>${parts.join("")}${legend.join("")}</svg>\n`;
}
if (options.svg) writeFileSync(options.svg, draw());
