/** Recordings that leave the box to a server that answers too early, never to the end, or nonsense. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { digest, leave, withWeb } from "./lib/upload_servers.mjs";
import { until } from "./lib/wait.mjs";

const FILM = randomBytes(6 << 20); // of more than a socket holds
const ID = "cam/film.ts";
const slow = { ms: 60_000, every: 50 };

/**
 * @typedef {object} Asked a request that comes in
 * @property {string} method
 * @property {string} head
 * @property {number} bytes of its body, so far
 * @property {net.Socket} socket
 */

/** Else it is waited for, a second. @param {net.Socket} socket */
const go = (socket) => socket.write("HTTP/1.1 100 Continue\r\n\r\n");

/** A server that speaks as it is told to, of one request for each connection. */
class Stranger {
  /** @type {Asked[]} */ asked = [];
  /** @type {Set<net.Socket>} */ #sockets = new Set();
  #server = net.createServer((socket) => {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    let early = Buffer.alloc(0);
    /** @type {Asked | null} */ let asked = null;
    socket.on("data", (/** @type {Buffer} */ data) => {
      if (asked) {
        asked.bytes += data.length;
      } else {
        early = Buffer.concat([early, data]);
        const at = early.indexOf("\r\n\r\n");
        if (at < 0) return;
        const head = String(early.subarray(0, at));
        asked = { method: head.split(" ")[0], head, bytes: early.length - at - 4, socket };
        this.asked.push(asked);
        this.onHead(asked);
      }
      const length = Number(/content-length: (\d+)/i.exec(asked.head)?.[1] ?? 0);
      if (asked.bytes === length) this.onWhole(asked);
    });
  });
  /** @type {(asked: Asked) => void} */ onHead = ({ socket }) => void go(socket);
  /** @type {(asked: Asked) => void} */ onWhole = () => {};

  /** @param {(stranger: Stranger & {origin: string}) => Promise<any>} use */
  static async with(use) {
    const self = new Stranger();
    await new Promise((resolve) => self.#server.listen(0, "127.0.0.1", () => resolve(null)));
    const { port } = /** @type {net.AddressInfo} */ (self.#server.address());
    try {
      return await use(Object.assign(self, { origin: `http://127.0.0.1:${port}` }));
    } finally {
      for (const socket of self.#sockets) socket.destroy();
      self.#server.close();
    }
  }
  /** @param {string} method */
  count(method) {
    return this.asked.filter((each) => each.method === method).length;
  }
}

/** @param {Asked} asked @param {number} status @param {string} [more] lines, each with its end */
const answer = ({ socket }, status, more = "") =>
  socket.write(`HTTP/1.1 ${status} So\r\nContent-Length: 0\r\n${more}\r\n`);
/** To a HEAD. @param {Asked} asked @param {string} more */
const has = ({ socket }, more) => socket.write(`HTTP/1.1 200 OK\r\n${more}\r\n`);
const ALL = `Content-Length: ${FILM.length}\r\n`;

/** @param {Server} server @returns {Promise<any>} */
async function uploadNow(server) {
  const { recordings } = await (await server.fetch("/api/v1/recordings")).json();
  return recordings[0]?.upload;
}
/** @param {Server} server @param {(upload: any) => boolean} is @param {string} what */
const untilUpload = (server, is, what) =>
  until(
    async () => {
      const upload = await uploadNow(server);
      return upload && is(upload) && upload;
    },
    what,
    slow,
  );
/** @param {Server} server */
const untilGone = (server) =>
  until(async () => (await uploadNow(server)) === undefined, "the recording to be gone", slow);

/** @param {(all: {dir: string, server: Server, stranger: Stranger}) => Promise<any>} use @param {(stranger: Stranger) => void} set */
const against = (set, use) =>
  withFolder(async (dir) => {
    leave(dir, ID, FILM);
    await Stranger.with(async (stranger) => {
      set(stranger);
      const flags = ["--record-dir", dir, "--upload-url", stranger.origin];
      flags.push("--upload-keep", "until-uploaded", "--upload-timeout", "3s");
      await Server.with({ flags }, (server) => use({ dir, server, stranger }));
    });
  });

test("a success that is told before all was sent is none, whatever HEAD says", async () => {
  await against(
    (stranger) => {
      stranger.onHead = (asked) => {
        if (asked.method === "HEAD") return has(asked, ALL);
        if (stranger.count("PUT") > 2) return void go(asked.socket);
        answer(asked, 200, "Connection: close\r\n");
        return stranger.count("PUT") === 1 ? asked.socket.pause() : asked.socket.end();
      };
      stranger.onWhole = (asked) => asked.method === "PUT" && answer(asked, 201);
    },
    async ({ dir, server, stranger }) => {
      const upload = await untilUpload(server, ({ error }) => error !== null, "a failure");
      assert.equal(upload.error, "it was answered with 200 before all was sent");
      assert.equal(stranger.count("HEAD"), 0);
      assert.ok(existsSync(join(dir, ID)));
      await untilGone(server); // once it was taken
      assert.equal(stranger.count("PUT"), 3);
    },
  );
});

test("a refusal that is told early is told, and nothing more is sent", async () => {
  await against(
    (stranger) => {
      stranger.onHead = (asked) => answer(asked, 403, "Connection: close\r\n");
    },
    async ({ server, stranger }) => {
      const upload = await untilUpload(server, ({ state }) => state === "failed", "the end");
      assert.match(upload.error, /403/);
      assert.ok(stranger.asked[0].bytes < FILM.length);
    },
  );
});

test("who knows no Expect is asked without it; who is late to say 100 is waited for", async () => {
  await against(
    (stranger) => {
      stranger.onHead = (asked) => {
        if (asked.method === "HEAD") has(asked, ALL);
        else if (/^expect/im.test(asked.head)) {
          answer(asked, 417, "Connection: close\r\n");
          asked.socket.end();
        } else asked.socket.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n");
      };
      stranger.onWhole = (asked) => asked.method === "PUT" && answer(asked, 201);
    },
    async ({ server, stranger }) => {
      await untilGone(server);
      assert.equal(stranger.count("PUT"), 2);
    },
  );
});

test("an answer without an end, in one piece or in drops, is given up", async () => {
  for (const drops of [false, true])
    await against(
      (stranger) => {
        stranger.onWhole = ({ socket }) => {
          socket.write("HTTP/1.1 500 So\r\n\r\n");
          if (drops) {
            const timer = setInterval(() => socket.write("aa"), 300);
            socket.on("close", () => clearInterval(timer));
            return;
          }
          const pour = () => {
            while (socket.write(Buffer.alloc(1 << 18, "a")));
            socket.once("drain", pour);
          };
          pour();
        };
      },
      async ({ server, stranger }) => {
        const upload = await untilUpload(server, ({ error }) => error !== null, "the failure");
        assert.equal(upload.error, "the server's answer does not end");
        await until(() => stranger.count("PUT") > 1, "another try", slow);
      },
    );
});

test("heads without an end, nonsense and a server that says nothing are failures with a name", async () => {
  const rows = /** @type {[string, RegExp][]} */ ([
    ["HTTP/1.1 100 Continue\r\n\r\n".repeat(20_000), /too large|too long|does not end/i],
    [`HTTP/1.1 200 OK\r\n${`X: ${"a".repeat(50_000)}\r\n`.repeat(10)}`, /too large/i],
    ["\xff\xfe\x1b[31m nonsense\n\n", /HTTP\/0\.9/],
    ["", /--upload-timeout/],
  ]);
  for (const [says, error] of rows)
    await against(
      (stranger) => {
        stranger.onWhole = ({ socket }) => socket.write(says, "latin1");
      },
      async ({ dir, server }) => {
        const upload = await untilUpload(server, (now) => now.error !== null, "the failure");
        assert.match(upload.error, error);
        assert.ok(existsSync(join(dir, ID)));
      },
    );
});

test("words of the server are one line of plain characters, wherever they are shown", async () => {
  await against(
    (stranger) => {
      const body = `<Error><Code>A\u0007\n\n\n B\u001b[31m</Code><Message>${"x\n\n".repeat(9_000)}</Message></Error>`;
      stranger.onWhole = ({ socket }) =>
        socket.write(`HTTP/1.1 400 So\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    },
    async ({ server }) => {
      const { error } = await untilUpload(server, ({ state }) => state === "failed", "the end");
      assert.match(error, /^it was answered with 400 A B \[31m: (x )+x?$/);
      assert.ok(error.length < 300);
      await until(() => server.stderr.includes(error), "the line of the log");
    },
  );
});

test("a copy that is of two sizes is confirmed by neither", async () => {
  await against(
    (stranger) => {
      stranger.onHead = (asked) => {
        if (asked.method === "HEAD") has(asked, `Content-Length: 5\r\n${ALL}`);
        else go(asked.socket);
      };
      stranger.onWhole = (asked) => asked.method === "PUT" && answer(asked, 201);
    },
    async ({ dir, server }) => {
      await untilUpload(server, ({ state }) => state === "done", "the end");
      assert.ok(existsSync(join(dir, ID)));
    },
  );
});

test("a file that another one takes the place of meanwhile is sent anew, and never removed unsent", async () => {
  const other = randomBytes(FILM.length);
  for (const when of ["PUT", "HEAD"])
    await withFolder(async (dir) => {
      leave(dir, ID, FILM);
      utimesSync(join(dir, ID), 1_000_000_000, 1_000_000_000);
      await withWeb(async (web) => {
        let replaced = false;
        web.trouble = ({ method }) => {
          if (replaced || method !== when) return undefined;
          replaced = true;
          writeFileSync(join(dir, "other"), other);
          renameSync(join(dir, "other"), join(dir, ID));
          return undefined;
        };
        const flags = ["--record-dir", dir, "--upload-url", web.origin];
        flags.push("--upload-keep", "until-uploaded");
        await Server.with({ flags }, async (server) => {
          if (when === "PUT") {
            await untilGone(server);
            assert.equal(digest(web.files.get(`/${ID}`) ?? Buffer.of()), digest(other));
          } else {
            const { error } = await untilUpload(server, ({ state }) => state === "done", "the end");
            assert.equal(error, "kept here: it has changed");
            assert.ok(existsSync(join(dir, ID)));
          }
        });
      });
    });
});
