/** Modules of an SDK as they lie in a folder, for pages of any origin: to measure a change before it is built in. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SDK = fileURLToPath(new URL("../../../player-web/sdk/", import.meta.url));
const HEADERS = { "content-type": "text/javascript", "access-control-allow-origin": "*" };

/** @param {string} [folder] default this tree's @returns {Promise<{url: string, close: () => void}>} `url`: of index.js */
export async function serveModules(folder = SDK) {
  const server = createServer(async ({ url = "" }, answer) => {
    const name = /^\/([\w.]+\.js)$/.exec(url)?.[1];
    const text = name ? await readFile(join(folder, name)).catch(() => null) : null;
    answer.writeHead(text ? 200 : 404, HEADERS).end(text);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/index.js`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
