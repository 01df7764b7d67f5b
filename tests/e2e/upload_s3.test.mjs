/** Recordings that leave the box to an S3 server that verifies signatures: whole, in parts, and interrupted. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { digest, KEYS, leave, withS3 } from "./lib/upload_servers.mjs";
import { until } from "./lib/wait.mjs";

const PART = 5 << 20;
const FILM = randomBytes(3 << 20);
const LONG = randomBytes(2 * PART + (1 << 20));
const ID = "cam/film.ts";
const slow = { ms: 60_000, every: 50 };

/** @typedef {import("./lib/upload_servers.mjs").Door} Door */

/** @param {string} dir @param {Door} s3 @param {string[]} [flags] @param {Record<string, string>} [env] */
const options = (dir, s3, flags = [], env = {}) => ({
  flags: [
    ...["--record-dir", dir, "--upload-endpoint", s3.origin, "--upload-url", "s3://films/kept"],
    ...["--upload-part", "5MiB", ...flags],
  ],
  env: { ...KEYS, ...env },
});
const AND_GO = ["--upload-keep", "until-uploaded"];

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
/** The numbers of the parts that were sent whole. @param {Door} s3 */
const partsOf = (s3) =>
  s3.seen
    .filter(
      ({ method, bytes, headers }) =>
        method === "PUT" && bytes === Number(headers["content-length"]),
    )
    .map(({ url }) => Number(/partNumber=(\d+)/.exec(url)?.[1]));

test("one PUT, signed, with checksums, under a name with odd characters", async () => {
  await withFolder(async (dir) => {
    leave(dir, ID, FILM);
    await withS3(async (s3) => {
      const flags = ["--upload-url", "s3://films/my films (1)+ü&='!*~/{stream}/{file}", ...AND_GO];
      const { flags: usual, env } = options(dir, s3, [], {
        AWS_SESSION_TOKEN: "a-token-of-a-session",
      });
      const own = usual.filter((_, i) => i !== 4 && i !== 5);
      await Server.with({ flags: [...own, ...flags], env }, async (server) => {
        await untilGone(server);
        assert.ok(!/S3RVER|a-token-of-a-session/.test(server.output), server.output);
      });
      const object = s3.object("my films (1)+ü&='!*~/cam/film.ts");
      assert.equal(digest(object ?? Buffer.of()), digest(FILM));
      assert.deepEqual(s3.faults, []);
      const [put, head] = s3.seen;
      assert.deepEqual([put.method, head.method, s3.seen.length], ["PUT", "HEAD", 2]);
      assert.equal(put.headers["x-amz-content-sha256"], digest(FILM));
      assert.equal(put.headers["content-md5"], digest(FILM, "md5", "base64"));
      assert.match(put.headers.authorization ?? "", /us-east-1\/s3\/aws4_request/);
      assert.match(put.headers.authorization ?? "", /x-amz-content-sha256.*x-amz-security-token/);
      assert.ok(!existsSync(join(dir, ID)));
    });
  });
});

test("a wrong secret is told by its name, and the file kept", async () => {
  await withFolder(async (dir) => {
    leave(dir, ID, FILM);
    await withS3(async (s3) => {
      const wrong = { AWS_SECRET_ACCESS_KEY: "another-secret" };
      await Server.with(options(dir, s3, AND_GO, wrong), async (server) => {
        const failed = await untilUpload(server, ({ state }) => state === "failed", "the end");
        assert.match(failed.error, /403 SignatureDoesNotMatch/);
        assert.ok(existsSync(join(dir, ID)));
        assert.ok(!server.output.includes("another-secret"));
      });
      const unknown = { AWS_ACCESS_KEY_ID: "nobody" };
      await Server.with(options(dir, s3, AND_GO, unknown), async (server) => {
        const failed = await untilUpload(server, ({ state }) => state === "failed", "the end");
        assert.match(failed.error, /403 InvalidAccessKeyId/);
      });
      // Another start, with the right one, begins anew.
      await Server.with(options(dir, s3, AND_GO), untilGone);
      assert.equal(digest(s3.object(`kept/${ID}`) ?? Buffer.of()), digest(FILM));
    });
  });
});

test("a bucket that is not there is told", async () => {
  await withFolder(async (dir) => {
    leave(dir, ID, FILM);
    await withS3(async (s3) => {
      const { flags, env } = options(dir, s3);
      flags[flags.indexOf("s3://films/kept")] = "s3://nothing";
      await Server.with({ flags, env }, async (server) => {
        const failed = await untilUpload(server, ({ state }) => state === "failed", "the end");
        assert.match(failed.error, /404 NoSuchBucket/);
      });
    });
  });
});

test("a large file goes in parts, each of them again where it failed", async () => {
  await withFolder(async (dir) => {
    leave(dir, ID, LONG);
    await withS3(async (s3) => {
      let second = 0;
      let completed = 0;
      s3.trouble = ({ method, url }) => {
        if (method === "PUT" && /partNumber=2/.test(url)) {
          second += 1;
          return second === 1 ? { cutAfter: 1 << 20 } : undefined;
        }
        if (method !== "POST" || !/uploadId/.test(url)) return undefined;
        completed += 1; // S3 answers 200 before it knows
        const body = "<Error><Code>InternalError</Code><Message>We are busy</Message></Error>";
        return completed === 1 ? { status: 200, body } : undefined;
      };
      await Server.with(options(dir, s3, AND_GO), untilGone);
      assert.equal(digest(s3.object(`kept/${ID}`) ?? Buffer.of()), digest(LONG));
      assert.deepEqual(partsOf(s3), [1, 2, 3]);
      assert.deepEqual([second, completed], [2, 2]);
      assert.deepEqual(s3.faults, []);
    });
  });
});

test("a server that is killed between parts goes on with the next one", async () => {
  await withFolder(async (dir) => {
    leave(dir, ID, LONG);
    await withS3(async (s3) => {
      s3.trouble = ({ method, url }) =>
        method === "PUT" && /partNumber=3/.test(url) ? { hangAfter: 1 << 18 } : undefined;
      const killed = await Server.start(options(dir, s3, AND_GO));
      await until(() => s3.seen.some(({ url }) => /partNumber=3/.test(url)), "the last part", slow);
      // What is known of the second part is on the disk.
      const note = join(dir, ".framewire", `${ID}.json`);
      await until(
        () => JSON.parse(readFileSync(note, "utf8")).upload.parts?.etags.length === 2,
        "the note",
        slow,
      );
      killed.child.kill("SIGKILL");
      await killed.ended();
      s3.trouble = () => undefined;
      await Server.with(options(dir, s3, AND_GO), untilGone);
      assert.equal(digest(s3.object(`kept/${ID}`) ?? Buffer.of()), digest(LONG));
      assert.deepEqual(partsOf(s3), [1, 2, 3]);
      assert.equal(s3.seen.filter(({ url }) => /\?uploads=/.test(url)).length, 1);
    });
  });
});

test("parts that the server knows nothing of any more are sent anew", async () => {
  await withFolder(async (dir) => {
    const parts = { id: "0123456789abcdef0123456789abcdef", bytes: PART, etags: ["a".repeat(32)] };
    const url = "of another server";
    leave(dir, ID, LONG, /** @type {any} */ ({ state: "waiting", url, parts }));
    await withS3(async (s3) => {
      await Server.with(options(dir, s3, AND_GO), untilGone);
      assert.deepEqual(partsOf(s3), [1, 2, 3], "another address: another upload");
      leave(
        dir,
        ID,
        LONG,
        /** @type {any} */ ({ state: "waiting", url: `${s3.origin}/films/kept/${ID}`, parts }),
      );
      let gone = 0;
      s3.trouble = ({ url: asked }) => {
        if (!asked.includes(parts.id)) return undefined;
        gone += 1;
        return { status: 404, body: "<Error><Code>NoSuchUpload</Code></Error>" };
      };
      await Server.with(options(dir, s3, AND_GO), untilGone);
      assert.equal(gone, 1);
      assert.equal(digest(s3.object(`kept/${ID}`) ?? Buffer.of()), digest(LONG));
    });
  });
});

test("what is deleted while it is sent leaves no parts behind", async () => {
  await withFolder(async (dir) => {
    leave(dir, ID, LONG);
    await withS3(async (s3) => {
      s3.trouble = ({ method, url }) => {
        if (method === "DELETE") return { status: 204 };
        return /partNumber=2/.test(url) ? { hangAfter: 1 << 18 } : undefined;
      };
      await Server.with(options(dir, s3), async (server) => {
        await until(() => s3.seen.some(({ url }) => /partNumber=2/.test(url)), "a part", slow);
        const deleted = await server.fetch(`/api/v1/recordings/${ID}`, { method: "DELETE" });
        assert.equal(deleted.status, 204);
        await until(() => s3.count("DELETE") === 1, "the parts to be given up", slow);
        assert.match(s3.seen[s3.seen.length - 1].url, /\?uploadId=\w+$/);
      });
      assert.equal(s3.object(`kept/${ID}`), null);
    });
  });
});

test("a server that has other bytes than were sent has failed", async () => {
  await withFolder(async (dir) => {
    leave(dir, ID, FILM);
    await withS3(async (s3) => {
      s3.trouble = ({ method }) =>
        method === "PUT" ? { status: 200, headers: { ETag: `"${"0".repeat(32)}"` } } : undefined;
      await Server.with(options(dir, s3, AND_GO), async (server) => {
        const upload = await untilUpload(server, ({ error }) => error !== null, "the failure");
        assert.match(upload.error, /other bytes/);
        assert.equal(upload.state, "waiting");
        assert.ok(existsSync(join(dir, ID)));
      });
    });
  });
});
