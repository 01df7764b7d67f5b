/** What is a WebSocket over plain HTTP, against a server that is played here: what it reads, sends, repeats and ends by. */
import assert from "node:assert/strict";
import http from "node:http";
import { afterEach, beforeEach, test } from "node:test";
import { HttpSocket } from "../../player-web/sdk/http_socket.js";
import { BINARY, CLOSE, frameHeader, PING, PONG, TEXT } from "../../player-web/sdk/ws_frames.js";

const POST_BYTES = 1000;

/** @type {http.Server} */ let server;
/** @type {string} */ let url;
/** The answer to the GET. @type {http.ServerResponse} */ let down;
/** Bytes that came, in order. */
let up = Buffer.alloc(0);
/** @type {URL[]} */ let posts = [];
/** What becomes of a POST before it is taken. @type {(post: number) => 'take' | 'lose' | 'take and lose' | 'refuse'} */
let fate = () => "take";

/** @param {number} opcode @param {string | Uint8Array} payload */
function say(opcode, payload) {
  const bytes = Buffer.from(payload);
  const header = frameHeader(opcode, bytes.length);
  header[1] &= 0x7f;
  down.write(Buffer.concat([header.subarray(0, header.length - 4), bytes]));
}

/** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
async function post(request, response) {
  const at = new URL(request.url ?? "", url.replace("ws", "http"));
  posts.push(at);
  const what = fate(posts.length);
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  if (what === "lose") return void response.destroy();
  if (what === "refuse") return void response.writeHead(404).end();
  const bytes = Buffer.concat(pieces);
  assert.ok(bytes.length <= POST_BYTES);
  const from = Number(at.searchParams.get("at"));
  assert.ok(from <= up.length, "no hole");
  up = Buffer.concat([up.subarray(0, from), bytes]);
  if (what === "take and lose") return void response.destroy();
  response.writeHead(204).end();
}

beforeEach(async () => {
  up = Buffer.alloc(0);
  posts = [];
  fate = () => "take";
  server = http.createServer((request, response) => {
    if (request.method === "POST") return void post(request, response);
    down = response;
    response.writeHead(200);
    say(TEXT, JSON.stringify({ type: "tunnel", token: "t0", post_bytes: POST_BYTES }));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  url = `ws://127.0.0.1:${/** @type {any} */ (server.address()).port}/live/cam?token=k`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** @param {() => boolean} holds */
async function until(holds) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** @returns {Promise<{socket: HttpSocket, heard: any[], closes: any[]}>} */
async function open() {
  const socket = new HttpSocket(url);
  /** @type {any[]} */ const heard = [];
  /** @type {any[]} */ const closes = [];
  socket.onmessage = ({ data }) => heard.push(data);
  socket.onclose = (event) => closes.push(event);
  await new Promise((resolve) => {
    socket.onopen = () => resolve(null);
  });
  return { socket, heard, closes };
}

/** Frames that came up, as the server unmasks them. */
function frames() {
  const out = [];
  for (let at = 0; at < up.length; ) {
    const first = up[at + 1] & 0x7f;
    const more = first < 126 ? 0 : first === 126 ? 2 : 8;
    const size =
      more === 0
        ? first
        : more === 2
          ? up.readUInt16BE(at + 2)
          : Number(up.readBigUInt64BE(at + 2));
    const from = at + 2 + more + 4;
    out.push({ opcode: up[at] & 0x0f, payload: up.subarray(from, from + size) });
    at = from + size;
  }
  return out;
}

test("it hears texts and bytes, and answers a ping", async () => {
  const { socket, heard } = await open();
  say(TEXT, '{"type":"ready"}');
  say(BINARY, Uint8Array.of(1, 2, 3));
  say(PING, "12345678");
  await until(() => up.length > 0 && heard.length === 2);
  assert.equal(heard[0], '{"type":"ready"}');
  assert.deepEqual([...new Uint8Array(heard[1])], [1, 2, 3]);
  assert.deepEqual(frames(), [{ opcode: PONG, payload: Buffer.from("12345678") }]);
  assert.equal(posts[0].searchParams.get("token"), "k", "the key stays");
  socket.close();
});

for (const [name, how] of /** @type {[string, typeof fate][]} */ ([
  ["each POST is taken", () => "take"],
  ["every second one is lost on its way", (n) => (n % 2 ? "lose" : "take")],
  ["every second answer is lost", (n) => (n % 2 ? "take and lose" : "take")],
])) {
  test(`texts, arrays and Blobs arrive once and in order: ${name}`, {
    timeout: 60_000,
  }, async () => {
    fate = how;
    const { socket } = await open();
    const large = Uint8Array.from({ length: 2500 }, (_, i) => i & 0xff);
    socket.send("first");
    socket.send(large);
    socket.send(new Blob([large, large]));
    socket.send("last");
    await until(() => socket.bufferedAmount === 0);
    const seen = frames();
    assert.deepEqual(
      seen.map(({ opcode }) => opcode),
      [TEXT, BINARY, BINARY, TEXT],
    );
    assert.equal(seen[0].payload.toString(), "first");
    assert.deepEqual(seen[1].payload, Buffer.from(large));
    assert.deepEqual(seen[2].payload, Buffer.concat([large, large]));
    assert.equal(seen[3].payload.toString(), "last");
    socket.close();
  });
}

test("what is sent is what it was when it was sent: who sends writes into its buffer again", async () => {
  const { socket } = await open();
  const buffer = new Uint8Array(3 * POST_BYTES).fill(1);
  socket.send(buffer.subarray(0, 900));
  socket.send(buffer.buffer);
  buffer.fill(2);
  const sent = 900 + buffer.length;
  await until(() => up.length >= sent);
  const media = Buffer.concat([up.subarray(8, 908), up.subarray(up.length - buffer.length)]);
  assert.equal(media.indexOf(2), -1);
  assert.equal(media.length, sent);
});

test("the server's close frame is answered, and its code and reason are told", async () => {
  const { socket, closes } = await open();
  say(CLOSE, Buffer.concat([Buffer.from([1008 >> 8, 1008 & 0xff]), Buffer.from("stream-taken")]));
  await until(() => closes.length > 0 && up.length > 0);
  assert.deepEqual(closes, [{ code: 1008, reason: "stream-taken" }]);
  assert.deepEqual(frames(), [{ opcode: CLOSE, payload: Buffer.from([1008 >> 8, 1008 & 0xff]) }]);
  assert.equal(socket.readyState, HttpSocket.CLOSED);
});

test("what is closed here says so, and waits for the server's word", async () => {
  const { socket, closes } = await open();
  socket.close(1000, "done");
  await until(() => frames().length === 1);
  assert.equal(closes.length, 0);
  say(CLOSE, Buffer.from([1000 >> 8, 1000 & 0xff]));
  await until(() => closes.length === 1);
  assert.equal(closes[0].code, 1000);
});

test("a tunnel that the server has forgotten is a lost connection", async () => {
  const { socket, closes } = await open();
  fate = () => "refuse";
  socket.send("anybody?");
  await until(() => closes.length === 1);
  assert.equal(closes[0].code, 1006);
});

test("an answer that ends is a lost connection", async () => {
  const { closes } = await open();
  down.end();
  await until(() => closes.length === 1);
  assert.equal(closes[0].code, 1006);
});

test("a server that is not there never opens", async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  const socket = new HttpSocket(url);
  const event = await new Promise((resolve) => {
    socket.onclose = resolve;
  });
  assert.equal(event.code, 1006);
});
