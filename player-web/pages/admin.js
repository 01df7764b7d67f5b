import { ask, keyHeaders, Refused } from "./admin_api.js";
import { EventStream } from "./event_stream.js";
import { hideKeyForm, offerKeyForm, showKeyForm } from "./key_form.js";
import { byId, write } from "./page.js";
import { button, fillRow, fillRows, newRow, part } from "./rows.js";
import { sizeText, spanText, viewersText } from "./texts.js";

/** Streams, sessions, recordings and events, for who may manage. */

const POLL_MS = 2_000;
const PAGE = 50;
const RECORDINGS_MOST = 20;
const EVENTS_MOST = 200;

/**
 * @typedef {object} Stream
 * @property {string} name
 * @property {string} title
 * @property {string} state
 * @property {string} format
 * @property {number} viewers
 * @property {number} received_bytes
 * @property {number} started_ms
 *
 * @typedef {object} SessionRow
 * @property {string} id
 * @property {string} role
 * @property {string} stream
 * @property {string} output
 * @property {string} transport
 * @property {string} address
 * @property {string} identity
 * @property {string} user_agent
 * @property {number} bytes
 * @property {number} skips
 * @property {number | null} delay_ms
 * @property {number} since_ms
 */

const panels = byId("panels", HTMLElement);
const summary = byId("summary", HTMLElement);
const alert = byId("alert", HTMLElement);
const sure = byId("sure", HTMLDialogElement);
const tail = byId("events", HTMLOListElement);
let shown = PAGE;
/** @type {ReturnType<typeof setInterval> | undefined} */ let timer;
/** @type {EventStream | null} */
let events = null;
/** Id of the newest event that was seen; 0 = all that are kept. */
let newest = "0";
/** Streams whose recording runs, by name. @type {Set<string>} */
let recorded = new Set();

/**
 * Asks, and for a title if there is one.
 * @param {{head: string, what: string, yes: string, title?: string}} question
 * @returns {Promise<string | null>} the title, or ""; null: no
 */
function ensure({ head, what, yes, title }) {
  const input = byId("title", HTMLInputElement);
  const accept = byId("sureyes", HTMLButtonElement);
  write(byId("surehead", HTMLElement), head);
  write(byId("surewhat", HTMLElement), what);
  write(accept, yes);
  accept.classList.toggle("danger", title === undefined);
  accept.classList.toggle("first", title !== undefined);
  byId("titlefield", HTMLElement).hidden = title === undefined;
  input.value = title ?? "";
  sure.returnValue = "";
  sure.showModal();
  return new Promise((resolve) => {
    sure.addEventListener(
      "close",
      () => resolve(sure.returnValue === "yes" ? input.value.trim() : null),
      { once: true },
    );
  });
}

/** @param {Promise<unknown>} asked */
async function done(asked) {
  try {
    await asked;
    complain("");
  } catch (error) {
    complain(/** @type {Error} */ (error).message);
  }
  await refresh();
}

/** @param {Stream} stream */
async function rename(stream) {
  const what = "All viewers see it at once.";
  const head = `Title of ${stream.name}`;
  const title = await ensure({ head, what, yes: "Change", title: stream.title });
  if (title !== null) await done(ask(`/api/v1/streams/${stream.name}`, "PATCH", { title }));
}

/** @param {Stream} stream */
async function end(stream) {
  const what = "Its publisher is told, and does not come back by itself.";
  if ((await ensure({ head: `End ${stream.name}?`, what, yes: "End the stream" })) !== null)
    await done(ask(`/api/v1/streams/${stream.name}`, "DELETE"));
}

/** @param {SessionRow} session */
async function kick(session) {
  const who = session.role === "publisher" ? "The publisher" : "A viewer";
  const what = `${who} of ${session.stream}, ${session.address}.`;
  if ((await ensure({ head: "Kick?", what, yes: "Kick" })) !== null)
    await done(ask(`/api/v1/sessions/${session.id}`, "DELETE"));
}

/** @param {SessionRow} session */
async function ban(session) {
  const what = `Nobody comes in from ${session.address} any more, until the ban is lifted; who is connected from there is sent away.`;
  if ((await ensure({ head: `Ban ${session.address}?`, what, yes: "Ban" })) !== null)
    await done(ask("/api/v1/bans", "POST", { address: session.address, reason: "by /admin" }));
}

/** @param {Stream[]} streams */
function showStreams(streams) {
  byId("nostreams", HTMLElement).hidden = streams.length > 0;
  /** @type {Map<string, Stream>} */ const newest = new Map(
    streams.map((stream) => [stream.name, stream]),
  );
  fillRows(
    byId("streams", HTMLElement),
    streams,
    ({ name }) => name,
    ({ name }) => {
      const now = () => newest.get(name) ?? streams[0];
      const record = button("Record", () => {
        const on = !recorded.has(name);
        done(ask(`/api/v1/streams/${name}/record`, "POST", { record: on }));
      });
      record.dataset.act = "record";
      return newRow([
        record,
        button("Title", () => rename(now()), "", `Change the title of ${name}`),
        button("End", () => end(now()), "danger", `End ${name}`),
      ]);
    },
    (row, stream) => {
      const live = stream.state === "live";
      const since = spanText(Date.now() - stream.started_ms);
      fillRow(
        row,
        live ? "live" : "lingering",
        live ? "Live" : "Publisher away",
        stream.title ? `${stream.name} · ${stream.title}` : stream.name,
        [stream.format, viewersText(stream.viewers), sizeText(stream.received_bytes), since]
          .filter(Boolean)
          .join(" · "),
      );
      const record = /** @type {HTMLElement} */ (row.querySelector("[data-act]"));
      write(record, recorded.has(stream.name) ? "Stop recording" : "Record");
    },
  );
}

/** @param {{sessions: SessionRow[], next: string | null}} page */
function showSessions({ sessions, next }) {
  byId("nosessions", HTMLElement).hidden = sessions.length > 0;
  byId("more", HTMLElement).hidden = next === null;
  fillRows(
    byId("sessions", HTMLElement),
    sessions,
    ({ id }) => id,
    (session) =>
      newRow([
        button("Kick", () => kick(session), "danger", `Kick ${session.address}`),
        button("Ban", () => ban(session), "danger", `Ban ${session.address}`),
      ]),
    (row, session) => {
      const publishes = session.role === "publisher";
      const facts = [
        session.transport + (publishes ? "" : ` ${session.output}`),
        session.identity,
        sizeText(session.bytes),
        session.skips > 0 ? `${session.skips} skips` : "",
        session.delay_ms === null ? "" : `${(session.delay_ms / 1000).toFixed(2)} s late`,
        spanText(Date.now() - session.since_ms),
        session.user_agent.slice(0, 60),
      ];
      fillRow(
        row,
        publishes ? "live" : "watching",
        publishes ? "Publishes" : "Watches",
        `${session.stream} · ${session.address}`,
        facts.filter(Boolean).join(" · "),
      );
    },
  );
}

/**
 * @typedef {object} Upload
 * @property {"waiting" | "sending" | "done" | "failed"} state
 * @property {number} bytes
 * @property {number} of
 * @property {number} tries
 * @property {string | null} error
 */

/** @param {Upload | undefined} upload @param {string} state of the recording */
function uploadText(upload, state) {
  if (!upload || state !== "done") return "";
  if (upload.state === "sending")
    return `uploading, ${Math.floor((100 * upload.bytes) / Math.max(upload.of, 1))} %`;
  const words = { waiting: "upload waits", done: "uploaded", failed: "upload failed" };
  const tries = upload.tries > 1 ? ` after ${upload.tries} tries` : "";
  return words[upload.state] + tries + (upload.error ? `: ${upload.error}` : "");
}

/** @param {{id: string, stream: string, state: string, bytes: number | null, url: string | null, upload?: Upload}[]} all */
function showRecordings(all) {
  recorded = new Set(all.filter(({ state }) => state === "recording").map(({ stream }) => stream));
  byId("norecordings", HTMLElement).hidden = all.length > 0;
  fillRows(
    byId("recordings", HTMLElement),
    all.slice(0, RECORDINGS_MOST),
    ({ id }) => id,
    ({ id }) =>
      newRow([
        button(
          "Upload",
          () => done(ask(`/api/v1/recordings/${id}/upload`, "POST")),
          "",
          `Upload ${id} now`,
        ),
      ]),
    (row, { id, state, bytes, upload }) => {
      const facts = [sizeText(bytes ?? 0), uploadText(upload, state)];
      fillRow(row, state, state, id, facts.filter(Boolean).join(" · "));
      const again = upload?.state === "waiting" || upload?.state === "failed";
      const act = /** @type {HTMLElement} */ (row.querySelector(".acts button"));
      act.hidden = state !== "done" || !again;
    },
  );
}

/**
 * @typedef {object} Ban
 * @property {number} id
 * @property {string} [address]
 * @property {string} [identity]
 * @property {number | null} until_ms
 * @property {string} reason
 * @property {boolean} configured
 */

/** @param {Ban[]} all */
function showBans(all) {
  byId("nobans", HTMLElement).hidden = all.length > 0;
  fillRows(
    byId("bans", HTMLElement),
    all,
    ({ id }) => String(id),
    ({ id, configured }) =>
      newRow(
        configured
          ? []
          : [button("Lift", () => done(ask(`/api/v1/bans/${id}`, "DELETE")), "", `Lift ban ${id}`)],
      ),
    (row, { address, identity, until_ms, reason, configured }) => {
      const until = until_ms === null ? "" : `until ${new Date(until_ms).toLocaleString()}`;
      const why = configured ? "by the configuration" : reason;
      const label = identity === undefined ? "Address" : "Name";
      fillRow(
        row,
        "over",
        label,
        address ?? identity ?? "",
        [until, why].filter(Boolean).join(" · "),
      );
    },
  );
}

/** @param {import('./event_stream.js').ServerSent} event */
function onEvent({ type, data, id }) {
  newest = id;
  if (type === "lost") return; // some are not kept any more
  const event = JSON.parse(data);
  const line = document.createElement("li");
  const time = new Date(event.wall_ms).toLocaleTimeString([], { timeStyle: "medium" });
  const facts = Object.entries(event.data)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name} ${value}`);
  line.append(
    part("time", time),
    part("b", event.type),
    [event.stream, ...facts].filter(Boolean).join(" · "),
  );
  tail.prepend(line);
  while (tail.childElementCount > EVENTS_MOST) tail.lastElementChild?.remove();
}

/** From the oldest that the server keeps, or the newest that was seen. One that an error has ended is begun anew. */
function follow() {
  if (events && !events.closed) return;
  events = new EventStream("/api/v1/events", keyHeaders, onEvent, newest);
}

async function refresh() {
  if (document.hidden && !panels.hidden) return;
  try {
    const [{ streams }, sessions, { recordings }, { bans }] = await Promise.all([
      ask("/api/v1/streams"),
      ask(`/api/v1/sessions?limit=${shown}`),
      // A key that may not watch sees none.
      ask("/api/v1/recordings").catch(() => ({ recordings: [] })),
      ask("/api/v1/bans"),
    ]);
    hideKeyForm();
    panels.hidden = false;
    showRecordings(recordings);
    showStreams(streams);
    showSessions(sessions);
    showBans(bans);
    const viewers = streams.reduce(
      (/** @type {number} */ sum, /** @type {Stream} */ { viewers }) => sum + viewers,
      0,
    );
    const count = streams.length === 1 ? "1 stream" : `${streams.length} streams`;
    write(summary, `${count}, ${viewersText(viewers)}`);
    if (alert.dataset.lost) complain("");
    follow();
  } catch (error) {
    if (error instanceof Refused && error.status === 401) askForKey();
    else if (error instanceof TypeError) {
      complain("The server cannot be reached. Trying again…");
      alert.dataset.lost = "true";
    } else {
      complain(/** @type {Error} */ (error).message);
      alert.dataset.lost = "true";
    }
  }
}

function askForKey() {
  clearInterval(timer);
  events?.close();
  events = null;
  panels.hidden = true;
  write(summary, "");
  showKeyForm("the rights manage and metrics on all streams");
}

/** @param {string} text "" = nothing is wrong */
function complain(text) {
  delete alert.dataset.lost;
  alert.hidden = !text;
  write(alert, text);
}

function begin() {
  clearInterval(timer);
  tail.tabIndex = 0; // it scrolls
  timer = setInterval(refresh, POLL_MS);
  refresh();
}

offerKeyForm(begin, askForKey);
byId("more", HTMLElement).addEventListener("click", () => {
  shown = Math.min(shown + PAGE, 1_000);
  refresh();
});
begin();
