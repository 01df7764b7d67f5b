/** HLS: a client that reads a stream by its playlists as RFC 8216bis says, and holds them to its rules. */
import assert from "node:assert/strict";
import { checkLines, checkPlaylist, checkReload } from "./hls_rules.mjs";

/** @typedef {import('./server.mjs').Server} Server */

/**
 * @typedef {object} Part
 * @property {string} uri
 * @property {number} duration
 * @property {boolean} independent
 *
 * @typedef {object} Segment
 * @property {number} msn
 * @property {number} discontinuities the discontinuity sequence
 * @property {string | undefined} uri of a whole one
 * @property {number} duration
 * @property {string} map
 * @property {number} wallMs
 * @property {Part[]} parts
 *
 * @typedef {object} Playlist
 * @property {number} version
 * @property {number} target seconds
 * @property {number} partTarget
 * @property {Record<string, string>} control
 * @property {number} first media sequence number
 * @property {number} skipped
 * @property {Segment[]} segments the last one may be unfinished
 * @property {string | undefined} hint
 * @property {boolean} ended
 */

/** @param {string} text @returns {Record<string, string>} */
export function attributes(text) {
  /** @type {Record<string, string>} */ const out = {};
  for (const [, name, quoted, plain] of text.matchAll(
    /([A-Z0-9-]+)=(?:"([^"]*)"|([^,"]*))(?:,|$)/g,
  ))
    out[name] = quoted ?? plain;
  return out;
}

/** Every line is understood, or it is an error. @param {string} text @returns {Playlist} */
export function parsePlaylist(text) {
  checkLines(text, "media");
  const lines = text.split("\n").slice(1, -1);
  /** @type {Playlist} */
  const out = {
    version: 0,
    target: 0,
    partTarget: 0,
    control: {},
    first: 0,
    skipped: 0,
    segments: [],
    hint: undefined,
    ended: false,
  };
  let discontinuities = 0;
  let [map, wallMs, duration] = ["", 0, 0];
  /** @type {Part[]} */ let parts = [];
  const segment = (/** @type {string | undefined} */ uri) => {
    const msn = out.first + out.skipped + out.segments.length;
    out.segments.push({ msn, discontinuities, uri, duration, map, wallMs, parts });
    parts = [];
    duration = 0;
  };
  for (const line of lines) {
    const [, tag, value = ""] = /^(#EXT[^:]*):?(.*)$/.exec(line) ?? ["", "", line];
    const list = attributes(value);
    if (tag === "") segment(value);
    else if (tag === "#EXT-X-VERSION") out.version = Number(value);
    else if (tag === "#EXT-X-TARGETDURATION") out.target = Number(value);
    else if (tag === "#EXT-X-SERVER-CONTROL") out.control = list;
    else if (tag === "#EXT-X-PART-INF") out.partTarget = Number(list["PART-TARGET"]);
    else if (tag === "#EXT-X-MEDIA-SEQUENCE") out.first = Number(value);
    else if (tag === "#EXT-X-DISCONTINUITY-SEQUENCE") discontinuities = Number(value);
    else if (tag === "#EXT-X-SKIP") out.skipped = Number(list["SKIPPED-SEGMENTS"]);
    else if (tag === "#EXT-X-DISCONTINUITY") ++discontinuities;
    else if (tag === "#EXT-X-MAP") map = list.URI;
    else if (tag === "#EXT-X-PROGRAM-DATE-TIME") wallMs = Date.parse(value);
    else if (tag === "#EXTINF") duration = Number.parseFloat(value);
    else if (tag === "#EXT-X-PART")
      parts.push({
        uri: list.URI,
        duration: Number(list.DURATION),
        independent: list.INDEPENDENT === "YES",
      });
    else if (tag === "#EXT-X-PRELOAD-HINT") out.hint = list.URI;
    else if (tag === "#EXT-X-ENDLIST") out.ended = true;
    else assert.fail(`a line that is no tag known here: ${line}`);
  }
  duration = parts.reduce((sum, part) => sum + part.duration, 0);
  if (parts.length) segment(undefined);
  return out;
}

/** Reads a stream from the first playlist to the end, part by part. */
export class HlsReader {
  /** @type {Map<string, Buffer>} */ files = new Map();
  /** @type {Map<number, Segment>} */ segments = new Map();
  /** @type {Playlist | undefined} */ list;
  /** @type {(list: Playlist) => void} each one, as it comes */ onList = () => {};
  playlists = 0;

  /** @param {Server} server @param {string} stream @param {string} [query] such as "token=KEY" */
  constructor(server, stream, query = "") {
    this.server = server;
    this.base = `/live/${stream}/`;
    this.query = query;
  }

  /** @param {string} uri */
  url(uri, query = "") {
    const url = new URL(this.base + uri, this.server.origin);
    for (const [name, value] of new URLSearchParams(query)) url.searchParams.set(name, value);
    return url;
  }

  /** @param {string} uri */
  async get(uri, query = "") {
    const answer = await fetch(this.url(uri, query));
    const body = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, headers: answer.headers, body, text: body.toString() };
  }

  /** @param {string} uri @param {string} type */
  async getGood(uri, type, query = "") {
    const got = await this.get(uri, query);
    assert.equal(got.status, 200, `${uri}: ${got.text.slice(0, 300)}`);
    assert.equal(got.headers.get("content-type"), type);
    return got;
  }

  /** The multivariant playlist. @param {string} [query] */
  async open(query = "") {
    const joined = [this.query, query].filter(Boolean).join("&");
    const { text } = await this.getGood("index.m3u8", "application/vnd.apple.mpegurl", joined);
    checkLines(text, "multivariant");
    const lines = text.trim().split("\n");
    const at = lines.findIndex((line) => line.startsWith("#EXT-X-STREAM-INF:"));
    this.variant = attributes(lines[at].slice(lines[at].indexOf(":") + 1));
    this.media = lines[at + 1];
    return text;
  }

  /** @param {string} [directives] */
  async reload(directives = "") {
    const type = "application/vnd.apple.mpegurl";
    const { text } = await this.getGood(this.media ?? "media.m3u8", type, directives);
    const list = checkPlaylist(parsePlaylist(text));
    if (this.list) checkReload(this.list, list);
    ++this.playlists;
    for (const segment of list.segments) this.#keep(segment);
    this.list = list;
    this.onList(list);
    return list;
  }

  /** Parts are listed near the end only: what was told of them stays good. @param {Segment} segment */
  #keep(segment) {
    const known = this.segments.get(segment.msn);
    if (known && known.parts.length > segment.parts.length) segment.parts = known.parts;
    this.segments.set(segment.msn, segment);
  }

  /** @param {string} uri */
  async file(uri) {
    const known = this.files.get(uri);
    if (known) return known;
    const { body, headers } = await this.getGood(uri, "video/mp4");
    assert.match(headers.get("cache-control") ?? "", /max-age/);
    this.files.set(uri, body);
    return body;
  }

  /** Blocking reloads until the stream ends; all that is named is fetched at once. */
  async readToEnd() {
    for (let list = await this.reload(); ; ) {
      for (const segment of list.segments) {
        await this.file(segment.map);
        for (const part of segment.parts) await this.file(part.uri);
        if (segment.uri) await this.file(segment.uri);
      }
      if (list.ended) return this;
      const last = list.segments.at(-1);
      const open = last && !last.uri;
      const msn = (last?.msn ?? list.first) + (open ? 0 : 1);
      list = await this.reload(`_HLS_msn=${msn}&_HLS_part=${open ? last.parts.length : 0}`);
    }
  }

  /** All segments, in order. */
  get all() {
    return [...this.segments.values()].sort((a, b) => a.msn - b.msn);
  }

  /** The film of each run of segments without a discontinuity: its init segment and them. @returns {Buffer[]} */
  films() {
    /** @type {Map<number, Buffer[]>} */ const runs = new Map();
    for (const { discontinuities, map, uri } of this.all) {
      const run = runs.get(discontinuities) ?? [/** @type {Buffer} */ (this.files.get(map))];
      run.push(/** @type {Buffer} */ (this.files.get(uri ?? "")));
      runs.set(discontinuities, run);
    }
    return [...runs.values()].map((run) => Buffer.concat(run));
  }
}
