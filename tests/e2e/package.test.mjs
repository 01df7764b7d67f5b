/** What is handed out: the npm package, by the server and by `npm pack`; one version everywhere. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { binary, Server } from "./lib/server.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "package-"));
after(() => rmSync(folder, { recursive: true }));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** The files of a tarball by name. @param {string} name @param {Uint8Array} bytes */
function unpacked(name, bytes) {
  const to = join(folder, name);
  mkdirSync(to);
  writeFileSync(`${to}.tgz`, bytes);
  execFileSync("tar", ["xzf", `${to}.tgz`, "-C", to]);
  return new Map(
    readdirSync(to, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .sort()
      .map((path) => [path.slice(to.length + 1), readFileSync(path, "utf8")]),
  );
}

test("/framewire.tgz holds what npm pack makes, and installs", async () => {
  const served = await Server.with({}, async (server) => {
    const answer = await server.fetch("/framewire.tgz");
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), "application/gzip");
    return unpacked("served", new Uint8Array(await answer.arrayBuffer()));
  });
  // A clone has no node_modules: the package must not need them.
  const said = execFileSync("npm", ["pack", "--json", "--offline", "--pack-destination", folder], {
    cwd: root,
    env: { ...process.env, PATH: pathWithout("node_modules") },
  });
  const [{ filename }] = JSON.parse(String(said));
  const packed = unpacked("packed", readFileSync(join(folder, filename)));
  assert.deepEqual([...served.keys()], [...packed.keys()]);
  assert.deepEqual(served, packed);
  assert.ok(served.has("package/player-web/types/sdk/index.d.ts"));

  const user = join(folder, "user");
  mkdirSync(user);
  writeFileSync(join(user, "package.json"), '{"type": "module"}');
  execFileSync("npm", ["install", "--offline", "--no-audit", join(folder, "served.tgz")], {
    cwd: user,
  });
  const code =
    'import("framewire").then((sdk) => console.log(typeof sdk.play, typeof sdk.publish))';
  const types = String(execFileSync(process.execPath, ["-e", code], { cwd: user })).trim();
  assert.equal(types, "function function");
});

/** PATH without folders of this name. @param {string} name */
const pathWithout = (name) =>
  (process.env.PATH ?? "")
    .split(":")
    .filter((part) => !part.includes(name))
    .join(":");

test("the program, the package, CMake and the change log tell one version", () => {
  const version = String(execFileSync(binary(), ["--version"])).trim();
  assert.equal(version, `framewire ${manifest.version}`);
  const read = (/** @type {string} */ name) => readFileSync(join(root, name), "utf8");
  const project = /project\(framewire VERSION (\S+)/.exec(read("CMakeLists.txt"));
  assert.equal(project?.[1], manifest.version);
  const lock = JSON.parse(read("package-lock.json"));
  assert.equal(lock.packages[""].version, manifest.version);
  assert.match(read("CHANGELOG.md"), new RegExp(`^## ${manifest.version}\\b`, "m"));
});
