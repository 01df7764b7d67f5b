/** What `/watch` shows of a row of watch_table.mjs, as a cell of README's table. */
import { until } from "./wait.mjs";
import { ROWS } from "./watch_table.mjs";

/** @typedef {import('./browsers.mjs').TestPage} TestPage */
/** @typedef {import('./watch_table.mjs').Row} Row */
/**
 * @typedef {object} Seen
 * @property {boolean} moves three pictures with numbers of their own
 * @property {boolean | null} sound null: this machine's browser plays none, so it cannot be told
 * @property {string} way
 * @property {number} firstMs
 * @property {string} refused why
 * @property {string} late what there was instead, when nothing was to be seen in time
 */

/** Until then something must be seen, or heard, in milliseconds. */
const SEEN_MS = 20_000;

/** What the page shows now, in the page. @returns {any} */
function lookInPage() {
  const { kit } = /** @type {any} */ (window);
  const { player, video } = /** @type {any} */ (document.getElementById("player"));
  if (!player) return null; // a driver may come before the page's modules
  const facts = {
    state: player.state,
    why: player.reason,
    shows: player.shows,
    stats: player.stats,
  };
  const source = player.canvas ?? (video.videoWidth > 0 ? video : null);
  if (!source) return { ...facts, number: null };
  const [width, height] = [source.videoWidth ?? source.width, source.videoHeight ?? source.height];
  return { ...facts, number: kit.readNumber(kit.snapshot(source, width, height)) };
}

/** Listens to what the player gives, for a while. In the page. @returns {Promise<number | null>} the peak; null: no context runs here */
async function listenInPage() {
  const element = /** @type {any} */ (document.getElementById("player"));
  const { player, video } = element;
  const audio = new AudioContext();
  const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
  await Promise.race([audio.resume().catch(() => {}), sleep(2000)]);
  if (audio.state !== "running") return null;
  const analyser = audio.createAnalyser();
  let track = null;
  for (let i = 0; i < 50 && !track; i += 1) {
    await sleep(100); // its way out is opened with its first samples
    track = player.captureStream()?.getAudioTracks()[0];
    if (!track && player.stats.way.by === "mse" && i > 10) break;
  }
  if (track) audio.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  else if (player.stats.way.by === "mse") audio.createMediaElementSource(video).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let peak = 0;
  for (let i = 0; i < 40 && peak < 0.02; i += 1) {
    await sleep(50);
    analyser.getFloatTimeDomainData(samples);
    peak = Math.max(peak, ...samples);
  }
  await audio.close();
  return peak;
}

/** @param {TestPage} page a watch page with the kit @param {Row} row @returns {Promise<Seen>} */
export async function watchRow(page, row) {
  /** @type {Set<number>} */ const numbers = new Set();
  /** @type {any} */ let last = null;
  const look = async () => {
    last = await page.evaluate(lookInPage);
    if (!last) return false;
    if (last.number !== null) numbers.add(last.number);
    const enough = row.pictures ? numbers.size >= 3 : last.shows;
    return last.state === "error" || (last.state === "live" && enough);
  };
  const inTime = await until(look, `${row.name} to be seen`, { ms: SEEN_MS, every: 60 }).catch(
    (error) => {
      if (!last) throw error;
      return false;
    },
  );
  const { way, firstFrameMs } = last.stats;
  const peak = row.sound && inTime ? await page.evaluate(listenInPage) : null;
  return {
    moves: numbers.size >= 3,
    sound: peak === null ? null : peak > 0.02,
    way: way.rendition === "" ? way.by : `${way.rendition}, ${way.by}`,
    firstMs: firstFrameMs,
    refused: last.state === "error" ? last.why : "",
    late: inTime ? "" : [last.state, last.why, way.why].filter(Boolean).join(": "),
  };
}

/** @param {Row} row @param {Seen} seen */
export function cellOf({ pictures, sound }, seen) {
  if (seen.refused) return `refused: ${seen.refused}`;
  if (seen.late) return `nothing seen in ${SEEN_MS / 1000} s; ${seen.way}`;
  const what = [pictures && (seen.moves ? "picture" : "no picture")];
  if (sound && seen.sound !== null) what.push(seen.sound ? "sound" : "no sound");
  if (!pictures && !sound) what.push("bytes");
  const shown = what.filter(Boolean).join(" and ") || "sound not measured";
  return `${shown}; ${seen.way}; ${seen.firstMs} ms`;
}

const BEGIN = "<!-- watching: written by tests/e2e/slow/watch_table.test.mjs -->";
const END = "<!-- watching ends -->";

/**
 * The document with what has been measured in its table, and what was there before for all else.
 *
 * @param {string} document
 * @param {Map<string, Map<string, string>>} measured cells by row and column
 * @param {string[]} columns
 */
export function rewritten(document, measured, columns) {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error("the document has no marks for the table");
  const [head, , ...lines] = document
    .slice(from + BEGIN.length, to)
    .trim()
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const before = (/** @type {string} */ row, /** @type {string} */ column) =>
    lines.find((cells) => cells[1] === row)?.[head.indexOf(column)] ?? "not measured";
  const rows = ROWS.map(({ name }) => {
    const cells = columns.map((column) => measured.get(name)?.get(column) ?? before(name, column));
    return `| ${name} | ${cells.join(" | ")} |`;
  });
  const table = [
    `| published | ${columns.join(" | ")} |`,
    `|---|${columns.map(() => "---|").join("")}`,
    ...rows,
  ].join("\n");
  return `${document.slice(0, from + BEGIN.length)}\n${table}\n${document.slice(to)}`;
}
