import { errorOfAnswer, FramewireError } from "./errors.js";
import { checkOptions } from "./options.js";
import { Renewal } from "./renewal.js";
import { readSideMessage } from "./side_channel.js";
import { locate } from "./urls.js";

/**
 * @typedef {object} Rights what the key of a player or publication lets it do, beside that
 * @property {boolean} moderate the side channel: `clear()`, `slowMode()`, `mute()`
 * @property {boolean} manage the stream: all that, `setTitle()` and `endStream()`
 * @property {boolean} server the whole server: all that, `people()`, `kick()`, `ban()` and `unban()`
 *
 * @typedef {object} ModerateOptions
 * @property {string} [token] a key or token with the right; default: `?token=` of the URL
 * @property {() => string | Promise<string>} [refreshToken] asked for another token when the present one has ended, and,
 *   without `token`, for the first one
 * @property {string | URL} [server] the server that a name or path is of, such as `https://host`; default the one that
 *   this SDK came from, for paths the page's own if that is the same. A bundle has to say it
 *
 * @typedef {object} BanOptions
 * @property {'identity' | 'address'} [by] what is banned: the name of the sender's key or token, or its address (IPv6: its
 *   /64). Default: its name, if that is its own alone, else its address
 * @property {number} [forMs] in milliseconds; default: until it is lifted
 * @property {string} [reason] for who looks at the list; the sender is not told
 *
 * @typedef {object} Ban
 * @property {number} id for `unban()`
 * @property {string} [address]
 * @property {string} [identity] one of the two
 * @property {number | null} untilMs milliseconds since 1970; null: until it is lifted
 * @property {string} reason
 *
 * @typedef {object} ChatState
 * @property {number} slowMs 0: no slow mode
 * @property {string[]} muted senders
 * @property {import('./side_channel.js').SideMessage[]} history the newest messages, where the server keeps some
 *
 * @typedef {object} Person somebody connected to the stream
 * @property {string} id
 * @property {'publisher' | 'viewer'} role
 * @property {string | null} sender what the side channel calls it; null: it has said nothing yet
 * @property {string} identity whose key or token it is
 * @property {boolean} personal its own alone
 * @property {string} address
 * @property {string} transport
 * @property {string} userAgent
 * @property {number} sinceMs milliseconds since 1970
 * @property {number | null} delayMs from capture to screen
 *
 * @typedef {object} Key
 * @property {() => string} token '' = none
 * @property {() => Promise<unknown>} [renew] the next `token()` is another one
 */

/** The most that one page of the list has. */
const PEOPLE_AT_A_TIME = 1_000;

/**
 * What a moderator does with a stream, by the control API. Each call resolves once the server has done it, and rejects
 * with a FramewireError: `unauthorized` or `forbidden`, the key has no such right; `not-found`, nobody publishes the
 * stream; `sender-gone`; `unreachable`.
 */
export class Moderator {
  #place;
  #key;

  /** @param {ReturnType<typeof locate>} place @param {Key} key */
  constructor(place, key) {
    this.#place = place;
    this.#key = key;
  }

  /** What was said, who is muted, how slow it is. @returns {Promise<ChatState>} */
  async chat() {
    return readChat(await this.#ask("GET", this.#chatPath));
  }

  /** What was said is forgotten, and pages are told to forget it. @returns {Promise<void>} */
  async clear() {
    await this.#ask("DELETE", this.#chatPath);
  }

  /**
   * Each viewer may say something once in so long.
   *
   * @param {number} ms at most an hour; 0 = as often as the server lets it
   * @returns {Promise<ChatState>}
   */
  async slowMode(ms) {
    return readChat(await this.#ask("PATCH", this.#chatPath, { slow_ms: Math.round(ms) }));
  }

  /**
   * Nothing more of a sender is passed on, for as long as its connection lasts; `ban()` keeps it out.
   *
   * @param {string} sender of a `message`
   * @param {boolean} [muted] false = let it speak again; default true
   * @returns {Promise<ChatState>}
   */
  async mute(sender, muted = true) {
    const change = muted ? { mute: [sender] } : { unmute: [sender] };
    return readChat(await this.#ask("PATCH", this.#chatPath, change));
  }

  /** What the stream is called from now on. @param {string} title '' = nothing @returns {Promise<void>} */
  async setTitle(title) {
    await this.#ask("PATCH", `streams/${this.#place.stream}`, { title });
  }

  /** Its publisher is told `stream-ended`, and its viewers that it is over. @returns {Promise<void>} */
  async endStream() {
    await this.#ask("DELETE", `streams/${this.#place.stream}`);
  }

  /** Who publishes and watches the stream now, but those of HLS. @returns {Promise<Person[]>} */
  async people() {
    /** @type {Person[]} */
    const all = [];
    let cursor = "";
    do {
      const query = new URLSearchParams({
        stream: this.#place.stream,
        limit: String(PEOPLE_AT_A_TIME),
      });
      if (cursor) query.set("cursor", cursor);
      const page = await this.#ask("GET", `sessions?${query}`);
      all.push(...page.sessions.map(readPerson));
      cursor = page.next ?? "";
    } while (cursor);
    return all;
  }

  /** Ends the sender's connection; whoever has a key may come back. @param {string} sender @returns {Promise<void>} */
  async kick(sender) {
    const { id } = await this.#find(sender);
    await this.#ask("DELETE", `sessions/${id}`);
  }

  /**
   * Ends the sender's connections, and lets it in no more, to no stream of this server.
   *
   * @param {string} sender of a `message`; it is still connected
   * @param {BanOptions} [options]
   * @returns {Promise<Ban>}
   */
  async ban(sender, { by, forMs, reason } = {}) {
    const { identity, personal, address } = await this.#find(sender);
    const kind = by ?? (personal ? "identity" : "address");
    const who = kind === "identity" ? { identity } : { address };
    const until = forMs === undefined ? undefined : Math.round(Date.now() + forMs);
    return readBan(await this.#ask("POST", "bans", { ...who, until_ms: until, reason }));
  }

  /** @param {number} id of the Ban @returns {Promise<void>} */
  async unban(id) {
    await this.#ask("DELETE", `bans/${id}`);
  }

  get #chatPath() {
    return `chat/${this.#place.stream}`;
  }

  /** @param {string} sender */
  async #find(sender) {
    const person = (await this.people()).find((one) => one.sender === sender);
    if (person) return person;
    throw new FramewireError(
      "sender-gone",
      `The sender ${JSON.stringify(sender)} is not connected, or has said nothing yet.`,
    );
  }

  /** @param {string} method @param {string} path below /api/v1/ @param {object} [body] @returns {Promise<any>} */
  async #ask(method, path, body) {
    const { renew } = this.#key;
    if (renew && !this.#key.token()) await renewed(renew);
    const first = await this.#send(method, path, body);
    if (!(first instanceof FramewireError)) return first.body;
    if (!renew || first.code !== "token-expired") throw first;
    await renewed(renew);
    const second = await this.#send(method, path, body);
    if (second instanceof FramewireError) throw second;
    return second.body;
  }

  /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<{body: any} | FramewireError>} */
  async #send(method, path, body) {
    const token = this.#key.token();
    const headers = new Headers();
    if (token) headers.set("Authorization", `Bearer ${token}`);
    if (body) headers.set("Content-Type", "application/json");
    const url = this.#place.controlUrl(path);
    /** @type {Response} */
    let response;
    try {
      response = await fetch(url, {
        method,
        headers,
        body: body && JSON.stringify(body),
        cache: "no-store",
      });
    } catch (cause) {
      return new FramewireError("unreachable", `${new URL(url).origin} did not answer.`, { cause });
    }
    const answer = await response.json().catch(() => null);
    return response.ok ? { body: answer } : errorOfAnswer(response.status, answer);
  }
}

/** @param {() => Promise<unknown>} renew */
async function renewed(renew) {
  try {
    await renew();
  } catch (cause) {
    throw new FramewireError("unauthorized", "refreshToken gave no token.", { cause });
  }
}

/** @param {any} answer @returns {ChatState} */
function readChat({ slow_ms, muted, history }) {
  return { slowMs: slow_ms, muted, history: history.map(readSideMessage) };
}

/** @param {any} session @returns {Person} */
function readPerson({ id, role, sender, identity, personal = false, address, transport, ...more }) {
  const { user_agent: userAgent, since_ms: sinceMs, delay_ms: delayMs } = more;
  return { id, role, sender, identity, personal, address, transport, userAgent, sinceMs, delayMs };
}

/** @param {any} ban @returns {Ban} */
function readBan({ id, address, identity, until_ms, reason }) {
  const who = identity === undefined ? { address } : { identity };
  return { id, ...who, untilMs: until_ms, reason };
}

/**
 * For a page that neither plays nor publishes the stream: those that do have `moderator`.
 *
 * @param {string | URL} url `/watch/NAME`, a whole URL, or the bare name
 * @param {ModerateOptions} [options]
 * @returns {Moderator}
 */
export function moderate(url, options = {}) {
  checkOptions("moderate()", options, {});
  const place = locate(url, options);
  if (!options.refreshToken) return new Moderator(place, { token: () => place.token ?? "" });
  const renewal = new Renewal(options.refreshToken, () => false);
  return new Moderator(place, {
    token: () => renewal.token || (place.token ?? ""),
    renew: () => renewal.fresh(),
  });
}
