/**
 * A crowd of viewers in one process, as light as node allows: bytes are counted and the last 12 bytes of
 * each message are read (send time, message number); nothing is copied or kept. Forked by fanout.mjs.
 *
 * Started with a JSON argument {port, path, protocol, count}; says {ready} once all are connected, answers
 * {ask: 'snapshot'} with the counters so far and {ask: 'finish', last} with the final facts.
 */
import { randomBytes } from "node:crypto";
import net from "node:net";

const { port, path, protocol, count } = JSON.parse(process.argv[2]);
const TAIL = 12;
const DELAY_EVERY = 16; // of so many viewers one measures the delay

const totals = { messages: 0, bytes: 0, outOfOrder: 0, closed: 0 };
/** @type {number[]} */ let delaysMs = [];
const shared = Buffer.alloc(256 * 1024);

const nowMs = () => {
  const [s, ns] = process.hrtime();
  return s * 1000 + ns / 1e6;
};

/** One viewer: the smallest parser of server frames that can be. */
class Receiver {
  last = -1;
  received = 0;
  #head = Buffer.alloc(10);
  #headBytes = 0;
  #left = 0; // of the frame's payload
  #binary = false;
  #tail = Buffer.alloc(TAIL);
  #upgraded = false;
  #http = "";

  /** @param {boolean} timed @param {() => void} ready */
  constructor(timed, ready) {
    this.timed = timed;
    this.ready = ready;
  }

  /** @param {number} size bytes of `shared` that are new */
  feed(size) {
    let at = this.#upgraded ? 0 : this.#skipHttp(size);
    while (at < size) {
      if (this.#left === 0 && !this.#readHead(shared[at++])) continue;
      const take = Math.min(this.#left, size - at);
      this.#keepTail(at, take);
      at += take;
      this.#left -= take;
      if (this.#left === 0 && this.#binary) this.#whole();
    }
  }

  /** @param {number} size @returns {number} where the frames begin */
  #skipHttp(size) {
    const before = this.#http.length;
    this.#http += shared.toString("latin1", 0, size);
    const end = this.#http.indexOf("\r\n\r\n");
    if (end < 0) return size;
    if (!this.#http.startsWith("HTTP/1.1 101")) throw new Error(this.#http);
    this.#upgraded = true;
    this.#http = "";
    this.ready();
    return end + 4 - before;
  }

  /** @param {number} byte @returns {boolean} the head is complete and a payload follows */
  #readHead(byte) {
    const head = this.#head;
    head[this.#headBytes++] = byte;
    if (this.#headBytes < 2) return false;
    const short = head[1] & 0x7f;
    const need = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (this.#headBytes < need) return false;
    this.#left =
      short < 126 ? short : short === 126 ? head.readUInt16BE(2) : Number(head.readBigUInt64BE(2));
    this.#binary = (head[0] & 15) === 2;
    this.#headBytes = 0;
    if (this.#binary) totals.bytes += this.#left;
    return this.#left > 0;
  }

  /** The last bytes of the frame seen so far, across reads. @param {number} at @param {number} take */
  #keepTail(at, take) {
    if (take >= TAIL) {
      shared.copy(this.#tail, 0, at + take - TAIL, at + take);
      return;
    }
    this.#tail.copyWithin(0, take);
    shared.copy(this.#tail, TAIL - take, at, at + take);
  }

  #whole() {
    ++totals.messages;
    if (++this.received === 1) return; // the init segment
    const index = this.#tail.readUInt32BE(8);
    if (index !== this.last + 1) ++totals.outOfOrder;
    this.last = index;
    if (this.timed) delaysMs.push(nowMs() - this.#tail.readDoubleBE(0));
  }
}

/** @type {Receiver[]} */ const receivers = [];

/** @param {number} index @returns {Promise<void>} when upgraded */
function connect(index) {
  return new Promise((resolve, reject) => {
    const receiver = new Receiver(index % DELAY_EVERY === 0, resolve);
    receivers.push(receiver);
    const socket = net.connect({
      port,
      host: "127.0.0.1",
      onread: {
        buffer: shared,
        callback: (/** @type {number} */ size) => {
          receiver.feed(size);
          return true;
        },
      },
    });
    socket.on("error", reject).on("close", () => ++totals.closed);
    const key = randomBytes(16).toString("base64");
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${key}`,
      "Sec-WebSocket-Version: 13",
    ];
    if (protocol) lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  });
}

const cpuSeconds = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
const snapshot = () => ({ ...totals, cpuSeconds: cpuSeconds(), atMs: nowMs() });

/** @param {number} last the number of the last message sent */
async function finish(last) {
  for (let i = 0; i < 600 && receivers.some((r) => r.last < last); ++i)
    await new Promise((r) => setTimeout(r, 100));
  const behind = receivers.filter((r) => r.last !== last).length;
  return { ...snapshot(), behind, delaysMs };
}

process.on("message", async (/** @type {any} */ { ask, last }) => {
  if (ask === "reset-delays") delaysMs = [];
  if (ask === "snapshot") process.send?.(snapshot());
  if (ask === "finish") process.send?.(await finish(last), () => process.exit(0));
});

for (let i = 0; i < count; i += 50) {
  await Promise.all(Array.from({ length: Math.min(50, count - i) }, (_, k) => connect(i + k)));
}
process.send?.({ ready: true });
