/** Recordings that leave the box by PUT to a plain HTTP server, whatever that does to them. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Api } from "./lib/api_schema.mjs";
import { certificatesIn } from "./lib/certificates.mjs";
import { container } from "./lib/media.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { Receiver } from "./lib/receiver.mjs";
import { finished, withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { digest, leave, withWeb } from "./lib/upload_servers.mjs";
import { until } from "./lib/wait.mjs";

const FILM = randomBytes(3 << 20);
const ID = "cam/film.ts";
const BOSS = { Authorization: "Bearer boss-boss" };
const slow = { ms: 60_000, every: 50 };

/** @param {Server} server @param {string} id @returns {Promise<any>} */
async function uploadOf(server, id = ID) {
  const { recordings } = await (await server.fetch("/api/v1/recordings")).json();
  return recordings.find((/** @type {any} */ each) => each.id === id)?.upload;
}
/** @param {Server} server @param {string} state */
const untilState = (server, state) =>
  until(
    async () => {
      const upload = await uploadOf(server);
      return upload?.state === state && upload;
    },
    `the upload to be ${state}`,
    slow,
  );
/** Counters are passed on once a second. @param {Server} server @param {string} name @param {number} value */
const untilMetric = (server, name, value) =>
  until(async () => (await server.metric(name)) === value, `${name} to be ${value}`, slow);
/** @param {Server} server */
const untilGone = (server) =>
  until(async () => (await uploadOf(server)) === undefined, "the recording to be gone", slow);

test("a recording is sent as it is, told of, and shown to who may manage", async () => {
  await withFolder(async (dir) => {
    const secrets = mkdtempSync(join(tmpdir(), "framewire-keys-"));
    writeFileSync(join(secrets, "keys"), "bearer = token-of-the-store\n");
    writeFileSync(join(secrets, "hook"), "a secret of some length\n");
    const receiver = await new Receiver().open();
    await withWeb(async (web) => {
      const flags = ["--record", "all", "--record-dir", dir, "--publish-key", "boss-boss"];
      flags.push("--upload-url", `${web.origin}/in/{stream}/{file}`);
      flags.push("--upload-keys", join(secrets, "keys"), "--state-dir", join(secrets, "state"));
      flags.push("--webhook", receiver.url, "--webhook-secret-file", join(secrets, "hook"));
      await Server.with({ flags }, async (server) => {
        const publisher = await V1Publisher.open(server, "a/cam", {}, { headers: BOSS });
        await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks);
        await publisher.end();
        const [{ id }] = await finished(server, "a/cam");
        const api = await Api.of(server, BOSS);
        const done = await until(
          async () => {
            const { json } = await api.ask("GET", "/api/v1/recordings");
            return json.recordings[0].upload?.state === "done" && json.recordings[0];
          },
          "the upload",
          slow,
        );
        const path = `/in/a/cam/${id.split("/").pop()}`;
        const file = readFileSync(join(dir, id));
        assert.equal(digest(web.files.get(path) ?? Buffer.of()), digest(file));
        assert.deepEqual(done.upload, {
          ...{ state: "done", bytes: file.length, of: file.length, tries: 1 },
          ...{ url: web.origin + path, error: null },
        });
        const [put] = web.seen;
        assert.equal(put.headers["content-type"], "video/webm");
        assert.equal(put.headers.authorization, "Bearer token-of-the-store");
        assert.deepEqual(web.faults, []);
        const unasked = await (await server.fetch("/api/v1/recordings")).json();
        assert.equal(unasked.recordings[0].upload, undefined, "nothing for everybody");
        await until(() => receiver.typesOf("a/cam").includes("upload-finish"), "the event", slow);
        const told = receiver.events.find(({ type }) => type === "upload-finish").data;
        assert.deepEqual(told, {
          ...{ id, to: web.origin + path, bytes: file.length, tries: 1, removed: false },
        });
        await untilMetric(server, "framewire_uploads_done_total", 1);
        await untilMetric(server, "framewire_uploaded_bytes_total", file.length);

        assert.equal(
          (await server.fetch(`/api/v1/recordings/${id}/upload`, { method: "POST" })).status,
          401,
        );
        assert.equal((await api.ask("POST", `/api/v1/recordings/${id}/upload`)).status, 204);
        await until(() => web.count("PUT") === 2, "the second one", slow);
        assert.equal((await api.ask("POST", "/api/v1/recordings/none.ts/upload")).status, 404);
        assert.equal((await api.ask("GET", `/api/v1/recordings/${id}/upload`)).status, 405);
        assert.ok(!server.output.includes("token-of-the-store"));
      });
    });
    await receiver.close();
    rmSync(secrets, { recursive: true, force: true });
  });
});

test("503 twice, a connection cut in the middle, then all of it: only then the file goes", async () => {
  await withFolder(async (dir) => {
    leave(dir, ID, FILM);
    await withWeb(async (web) => {
      let puts = 0;
      let early = false;
      web.trouble = ({ method }) => {
        early ||= !existsSync(join(dir, ID));
        if (method !== "PUT") return undefined;
        puts += 1;
        if (puts <= 2) return { status: 503, headers: { "Retry-After": "1" } };
        return puts === 3 ? { cutAfter: 1 << 20 } : undefined;
      };
      const flags = ["--record-dir", dir, "--upload-url", web.origin];
      flags.push("--upload-keep", "until-uploaded");
      await Server.with({ flags }, async (server) => {
        const waiting = await until(
          async () => {
            const upload = await uploadOf(server);
            return upload?.error && upload;
          },
          "the first failure",
          slow,
        );
        assert.match(waiting.error, /503/);
        await untilGone(server);
        await untilMetric(server, "framewire_upload_retries_total", 3);
        await untilMetric(server, 'framewire_recordings_deleted_total{reason="uploaded"}', 1);
      });
      assert.equal(puts, 4);
      assert.ok(!early, "the file was here as long as it was not there");
      assert.equal(digest(web.files.get(`/${ID}`) ?? Buffer.of()), digest(FILM));
      assert.deepEqual(web.faults, []);
      assert.deepEqual(readdirSync(join(dir, "cam")), []);
    });
  });
});

test("who does not confirm all bytes leaves the file here", async () => {
  const rows = [
    { head: { status: 405 }, state: "done", error: /kept here: .*405/ },
    {
      head: { status: 200, headers: { "Content-Length": "5" } },
      state: "waiting",
      error: /5 bytes of/,
    },
    { head: { status: 404 }, state: "waiting", error: /has it not/ },
    { head: { status: 503 }, state: "waiting", error: /503/ },
  ];
  for (const { head, state, error } of rows)
    await withFolder(async (dir) => {
      leave(dir, ID, FILM);
      await withWeb(async (web) => {
        web.trouble = ({ method }) => (method === "HEAD" ? head : undefined);
        const flags = ["--record-dir", dir, "--upload-url", web.origin];
        flags.push("--upload-keep", "until-uploaded");
        await Server.with({ flags }, async (server) => {
          const upload = await until(
            async () => {
              const now = await uploadOf(server);
              return now?.state === state && now.error && now;
            },
            `${head.status} to be seen`,
            slow,
          );
          assert.match(upload.error, error);
        });
        assert.ok(existsSync(join(dir, ID)), String(head.status));
      });
    });
});

test("a wrong password is given up at once, the file kept, and the API begins anew", async () => {
  await withFolder(async (dir) => {
    leave(dir, ID, FILM);
    const keys = join(dir, ".keys");
    writeFileSync(keys, "user = me\npassword = wrong-password\n");
    await withWeb(async (web) => {
      let open = false;
      web.trouble = () => (open ? undefined : { status: 401 });
      const flags = ["--record-dir", dir, "--upload-url", web.origin, "--upload-keys", keys];
      flags.push("--upload-keep", "until-uploaded");
      await Server.with({ flags }, async (server) => {
        const failed = await untilState(server, "failed");
        assert.match(failed.error, /401/);
        assert.equal(failed.tries, 1);
        assert.ok(existsSync(join(dir, ID)));
        await untilMetric(server, "framewire_uploads_failed_total", 1);
        open = true;
        await server.fetch(`/api/v1/recordings/${ID}/upload`, { method: "POST" });
        await untilGone(server);
        assert.ok(!server.output.includes("wrong-password"));
      });
      const [first] = web.seen;
      const basic = `Basic ${Buffer.from("me:wrong-password").toString("base64")}`;
      assert.equal(first.headers.authorization, basic);
    });
  });
});

test("no redirection is followed, least of all with a key", async () => {
  await withFolder(async (dir) => {
    leave(dir, ID, FILM);
    const keys = join(dir, ".keys");
    writeFileSync(keys, "bearer = token-of-the-store\n");
    await withWeb(async (other) => {
      await withWeb(async (web) => {
        web.trouble = () => ({ status: 307, headers: { Location: `${other.origin}/x` } });
        const flags = ["--record-dir", dir, "--upload-url", web.origin, "--upload-keys", keys];
        await Server.with({ flags }, async (server) => {
          assert.match((await untilState(server, "failed")).error, /307/);
        });
      });
      assert.deepEqual(other.seen, []);
    });
  });
});

test("a server that is killed in the middle goes on when it is there again", async () => {
  await withFolder(async (dir) => {
    leave(dir, ID, FILM);
    await withWeb(async (web) => {
      web.trouble = ({ method }) => (method === "PUT" ? { hangAfter: 1 << 20 } : undefined);
      const flags = ["--record-dir", dir, "--upload-url", web.origin];
      flags.push("--upload-keep", "until-uploaded");
      const killed = await Server.start({ flags });
      await until(() => web.seen.some(({ bytes }) => bytes >= 1 << 20), "half of it", slow);
      killed.child.kill("SIGKILL");
      await killed.ended();
      assert.ok(existsSync(join(dir, ID)));
      web.trouble = () => undefined;
      await Server.with({ flags }, untilGone);
      assert.equal(digest(web.files.get(`/${ID}`) ?? Buffer.of()), digest(FILM));
    });
  });
});

test("a server that ends while it sends is not held up", async () => {
  await withFolder(async (dir) => {
    leave(dir, ID, FILM);
    await withWeb(async (web) => {
      web.trouble = () => ({ hangAfter: 1 << 20 });
      const flags = ["--record-dir", dir, "--upload-url", web.origin];
      await Server.with({ flags }, async () => {
        await until(() => web.seen.some(({ bytes }) => bytes >= 1 << 20), "half of it", slow);
      });
    });
  });
});

test("a certificate that nobody vouches for is not believed", async () => {
  await withFolder(async (dir) => {
    leave(dir, ID, FILM);
    const [{ cert, key }] = certificatesIn(dir, 1);
    /** @type {any[]} */ const asked = [];
    const options = { cert: readFileSync(cert), key: readFileSync(key) };
    const server = https.createServer(options, (request, response) => {
      asked.push(request.url);
      response.end();
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    const flags = ["--record-dir", dir, "--upload-url", `https://localhost:${port}/`];
    await Server.with({ flags }, async (own) => {
      const upload = await until(
        async () => {
          const now = await uploadOf(own);
          return now?.error && now;
        },
        "the refusal",
        slow,
      );
      assert.match(upload.error, /certificate/i);
    });
    assert.deepEqual(asked, []);
    server.close();
  });
});

test("what cannot be meant is refused at the start, and nothing secret shown", async () => {
  await withFolder(async (dir) => {
    const keys = join(dir, ".keys");
    writeFileSync(keys, "user = me\npassword = a-secret\nbearer = a-secret\n");
    const record = ["--record-dir", dir];
    const rows = [
      [["--upload-url", "https://a.example/{id}"], /needs --record-dir/],
      [[...record, "--upload-url", "file:///tmp/{id}"], /only https/],
      [[...record, "--upload-url", "http://a.example/{id}"], /only https/],
      [[...record, "--upload-url", "https://me:a-secret@a.example/{id}"], /user's name/],
      [[...record, "--upload-url", "https://a.example/{id}?sign=a-secret"], /\?/],
      [[...record, "--upload-url", "https://a.example/{stream}"], /\{file\} or \{id\}/],
      [[...record, "--upload-url", "s3://films"], /AWS_ACCESS_KEY_ID/],
      [[...record, "--upload-url", "s3://films", "--upload-part", "1MiB"], /upload-part/],
      [[...record, "--upload-url", "s3://films", "--upload-keep", "never"], /until-uploaded/],
      [
        [...record, "--upload-url", "https://a.example/", "--upload-keys", keys],
        /exclude each other/,
      ],
      [
        [...record, "--upload-url", "https://a.example/", "--upload-keys", `${keys}x`],
        /No such file/,
      ],
    ];
    for (const [flags, says] of /** @type {[string[], RegExp][]} */ (rows)) {
      const server = new Server({ flags });
      const { code } = await server.ended();
      assert.notEqual(code, 0, flags.join(" "));
      assert.match(server.output, says, flags.join(" "));
      assert.ok(!server.output.includes("a-secret"), server.output);
    }
  });
});
