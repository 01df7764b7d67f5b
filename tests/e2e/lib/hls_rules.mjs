/**
 * What RFC 8216bis (draft-pantos-hls-rfc8216bis) asks of a playlist, as tables: its tags, with the types
 * of their attributes, and rules by section. Every playlist that a test reads is held to all of them.
 */
import assert from "node:assert/strict";

/** @typedef {import('./hls.mjs').Playlist} Playlist */
/** @typedef {import('./hls.mjs').Segment} Segment */

/** Attribute values (4.2). @type {Record<string, RegExp>} */
const TYPES = {
  integer: /^\d{1,20}$/,
  float: /^\d+(\.\d+)?$/,
  string: /^"[^"\r\n]*"$/,
  resolution: /^\d+x\d+$/,
  yes: /^YES$/,
  none: /^NONE$/,
  part: /^PART$/,
};

/**
 * The tags that are served: where, whether once only, and what they hold: attributes and their types
 * (a "!" behind one that is needed), or a form of the value.
 * @type {Record<string, { in: string, once?: boolean, attributes?: Record<string, string>, value?: RegExp }>}
 */
export const TAGS = {
  "#EXT-X-VERSION": { in: "both", once: true, value: /^\d+$/ },
  "#EXT-X-STREAM-INF": {
    in: "multivariant",
    attributes: {
      BANDWIDTH: "integer!",
      "AVERAGE-BANDWIDTH": "integer",
      CODECS: "string!",
      RESOLUTION: "resolution",
      "FRAME-RATE": "float",
      "CLOSED-CAPTIONS": "none",
    },
  },
  "#EXT-X-TARGETDURATION": { in: "media", once: true, value: /^\d+$/ },
  "#EXT-X-MEDIA-SEQUENCE": { in: "media", once: true, value: /^\d+$/ },
  "#EXT-X-DISCONTINUITY-SEQUENCE": { in: "media", once: true, value: /^\d+$/ },
  "#EXT-X-SERVER-CONTROL": {
    in: "media",
    once: true,
    attributes: {
      "CAN-BLOCK-RELOAD": "yes",
      "PART-HOLD-BACK": "float!",
      "HOLD-BACK": "float",
      "CAN-SKIP-UNTIL": "float",
    },
  },
  "#EXT-X-PART-INF": { in: "media", once: true, attributes: { "PART-TARGET": "float!" } },
  "#EXT-X-SKIP": { in: "media", once: true, attributes: { "SKIPPED-SEGMENTS": "integer!" } },
  "#EXT-X-DISCONTINUITY": { in: "media", value: /^$/ },
  "#EXT-X-MAP": { in: "media", attributes: { URI: "string!" } },
  "#EXT-X-PROGRAM-DATE-TIME": {
    in: "media",
    value: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$/,
  },
  "#EXTINF": { in: "media", value: /^\d+(\.\d+)?,[^\r\n]*$/ },
  "#EXT-X-PART": {
    in: "media",
    attributes: { DURATION: "float!", URI: "string!", INDEPENDENT: "yes" },
  },
  "#EXT-X-PRELOAD-HINT": { in: "media", attributes: { TYPE: "part!", URI: "string!" } },
  "#EXT-X-ENDLIST": { in: "media", once: true, value: /^$/ },
};

/** An attribute list, to the letter (4.2). @param {string} text @returns {Record<string, string>} */
export function strictAttributes(text) {
  /** @type {Record<string, string>} */ const out = {};
  let at = 0;
  while (at < text.length) {
    const one = /^([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(,|$)/.exec(text.slice(at));
    assert.ok(one, `4.2: no attribute list: ${text.slice(at)}`);
    assert.ok(!(one[1] in out), `4.2: ${one[1]} stands twice`);
    out[one[1]] = one[2];
    at += one[0].length;
    assert.ok(one[3] === "" || at < text.length, "4.2: a comma at the end");
  }
  return out;
}

/** The lines of a playlist, each a tag known here or a URI (4.1, 4.4). @param {string} text @param {"media" | "multivariant"} kind */
export function checkLines(text, kind) {
  assert.ok(text.startsWith("#EXTM3U\n"), "4.4.1.1: EXTM3U is the first line");
  assert.ok(text.endsWith("\n"), "4.1: a line feed at the end");
  assert.ok(
    [...text].every((c) => c === "\n" || c >= " "),
    "4.1: no control characters",
  );
  const lines = text.split("\n").slice(1, -1);
  /** @type {Map<string, number>} */ const seen = new Map();
  for (const [i, line] of lines.entries()) {
    assert.ok(line !== "" && !seen.has("#EXT-X-ENDLIST"), "nothing behind the end, no empty line");
    if (!line.startsWith("#")) {
      const before = lines[i - 1] ?? "";
      const wanted = kind === "media" ? /^#EXTINF:/ : /^#EXT-X-STREAM-INF:/;
      assert.match(before, wanted, "4.4.4.1, 4.4.6.2: what a URI is stands in the line before");
      assert.match(line, /^[\w.~%?&=/:-]+$/, "4.1: a URI, percent-encoded");
      continue;
    }
    const [, tag, value] = /** @type {string[]} */ (/^(#[^:]*):?(.*)$/.exec(line));
    const rule = TAGS[tag];
    assert.ok(rule, `a tag that is not served: ${line}`);
    assert.ok(rule.in === "both" || rule.in === kind, `4.4: ${tag} in a ${kind} playlist`);
    seen.set(tag, (seen.get(tag) ?? 0) + 1);
    assert.ok(!rule.once || seen.get(tag) === 1, `4.4: ${tag} stands twice`);
    if (rule.value) assert.match(value, rule.value, tag);
    if (rule.attributes) checkAttributes(tag, strictAttributes(value), rule.attributes);
    if (tag === "#EXT-X-MEDIA-SEQUENCE" || tag === "#EXT-X-DISCONTINUITY-SEQUENCE")
      for (const later of ["#EXTINF", "#EXT-X-PART", "#EXT-X-DISCONTINUITY"])
        assert.ok(!seen.has(later), `4.4.3.2, 4.4.3.3: ${tag} stands before ${later}`);
  }
  const needed =
    kind === "media" ? ["#EXT-X-TARGETDURATION", "#EXT-X-MEDIA-SEQUENCE"] : ["#EXT-X-STREAM-INF"];
  for (const tag of needed) assert.ok(seen.has(tag), `${tag} is missing`);
}

/** @param {string} tag @param {Record<string, string>} got @param {Record<string, string>} known */
function checkAttributes(tag, got, known) {
  for (const [name, value] of Object.entries(got)) {
    assert.ok(known[name], `${tag}: ${name} is not served`);
    assert.match(value, TYPES[known[name].replace("!", "")], `${tag}: ${name}`);
  }
  for (const [name, type] of Object.entries(known))
    assert.ok(!type.endsWith("!") || name in got, `${tag}: ${name} is missing`);
}

/** @param {number} a @param {number} b */
const above = (a, b) => a >= b - 1e-6;

/** One playlist. @type {[string, string, (list: Playlist) => boolean][]} */
export const RULES = [
  ["8", "EXT-X-MAP needs version 6, EXT-X-SKIP 9", (l) => l.version >= (l.skipped ? 9 : 6)],
  [
    "4.4.3.1",
    "no segment is longer than the target duration, rounded",
    (l) => whole(l).every((s) => Math.round(s.duration) <= l.target),
  ],
  ["4.4.4.5", "each segment has its EXT-X-MAP", (l) => l.segments.every((s) => s.map !== "")],
  ["4.4.4.6", "each segment has its date", (l) => l.segments.every((s) => s.wallMs > 0)],
  [
    "4.4.3.8",
    "blocking reloads are offered with parts",
    (l) => l.control["CAN-BLOCK-RELOAD"] === "YES",
  ],
  [
    "4.4.3.8",
    "PART-HOLD-BACK is three part targets or more",
    (l) => above(Number(l.control["PART-HOLD-BACK"]), 3 * l.partTarget),
  ],
  [
    "4.4.3.8",
    "HOLD-BACK is three target durations or more",
    (l) => above(Number(l.control["HOLD-BACK"]), 3 * l.target),
  ],
  [
    "4.4.3.8",
    "CAN-SKIP-UNTIL is six target durations or more",
    (l) => above(Number(l.control["CAN-SKIP-UNTIL"] ?? Infinity), 6 * l.target),
  ],
  [
    "4.4.3.7",
    "a part target, not above the target duration",
    (l) => l.partTarget > 0 && l.partTarget <= l.target,
  ],
  [
    "4.4.4.9",
    "no part is longer than the part target",
    (l) => parts(l).every(([p]) => above(l.partTarget, p.duration)),
  ],
  [
    "4.4.4.9",
    "no part but a segment's last is shorter than 85 % of it",
    (l) => parts(l).every(([p, last]) => last || above(p.duration, 0.85 * l.partTarget)),
  ],
  [
    "4.4.4.9",
    "a segment is as long as its parts",
    (l) =>
      whole(l).every(
        (s) =>
          !s.parts.length ||
          Math.abs(s.parts.reduce((sum, p) => sum + p.duration, 0) - s.duration) < 0.05,
      ),
  ],
  ["6.2.2", "no URI stands twice", (l) => new Set(uris(l)).size === uris(l).length],
  ["4.4.5.3", "a hint, until the end", (l) => l.ended !== (l.hint !== undefined)],
  [
    "4.4.5.3",
    "the hint is of nothing that is listed already",
    (l) => !l.hint || !uris(l).includes(l.hint),
  ],
  [
    "4.4.5.1",
    "only what stands before CAN-SKIP-UNTIL is skipped",
    (l) =>
      !l.skipped ||
      above(
        l.segments.reduce((sum, s) => sum + s.duration, 0),
        Number(l.control["CAN-SKIP-UNTIL"]),
      ),
  ],
];

/** @param {Playlist} l */
const whole = (l) => l.segments.filter((s) => s.uri);
/** Each part, and whether it is its segment's last. @param {Playlist} l @returns {[Segment["parts"][number], boolean][]} */
const parts = (l) =>
  l.segments.flatMap((s) =>
    s.parts.map((p, i) => /** @type {[typeof p, boolean]} */ ([p, i + 1 === s.parts.length])),
  );
/** @param {Playlist} l */
const uris = (l) => l.segments.flatMap((s) => [...s.parts.map((p) => p.uri), s.uri ?? []].flat());
/** A playlist and the one after it. @type {[string, string, (before: Playlist, after: Playlist) => boolean][]} */
export const RELOAD_RULES = [
  ["4.4.3.1", "the target duration never changes", (a, b) => a.target === b.target],
  ["4.4.3.7", "nor does the part target", (a, b) => a.partTarget === b.partTarget],
  ["6.2.2", "the media sequence number does not go back", (a, b) => b.first >= a.first],
  ["6.2.2", "the end is the end", (a, b) => !a.ended || b.ended],
  [
    "6.2.1",
    "no segment changes",
    (a, b) =>
      both(a, b).every(
        ([then, now]) => !then.uri || (now.uri === then.uri && now.duration === then.duration),
      ),
  ],
  ["6.2.1", "nor its map", (a, b) => both(a, b).every(([then, now]) => now.map === then.map)],
  [
    "6.2.1",
    "nor its date",
    (a, b) => both(a, b).every(([then, now]) => now.wallMs === then.wallMs),
  ],
  [
    "6.2.2",
    "nor its discontinuity sequence",
    (a, b) => both(a, b).every(([then, now]) => now.discontinuities === then.discontinuities),
  ],
  [
    "6.2.1",
    "parts are only added",
    (a, b) =>
      both(a, b).every(
        ([then, now]) =>
          !now.parts.length ||
          then.parts.every((p, i) => JSON.stringify(p) === JSON.stringify(now.parts[i])),
      ),
  ],
  [
    "6.2.2",
    "what is taken away leaves three target durations",
    (a, b) =>
      b.first === a.first ||
      b.skipped > 0 ||
      b.ended ||
      above(
        b.segments.reduce((sum, s) => sum + s.duration, 0),
        3 * b.target,
      ),
  ],
];

/** Segments of both. @param {Playlist} before @param {Playlist} after @returns {[Segment, Segment][]} */
function both(before, after) {
  return after.segments.flatMap((now) => {
    const then = before.segments.find((s) => s.msn === now.msn);
    return then ? [/** @type {[Segment, Segment]} */ ([then, now])] : [];
  });
}

/** @param {Playlist} list */
export function checkPlaylist(list) {
  for (const [section, rule, holds] of RULES)
    assert.ok(holds(list), `${section}: ${rule}\n${JSON.stringify(list, null, 1)}`);
  return list;
}

/** @param {Playlist} before @param {Playlist} after */
export function checkReload(before, after) {
  for (const [section, rule, holds] of RELOAD_RULES)
    assert.ok(
      holds(before, after),
      `${section}: ${rule}\n${JSON.stringify({ before, after }, null, 1)}`,
    );
}
