import { keyHeaders, Refused, storedKey } from "./admin_api.js";

/**
 * A file of this server, saved by the browser. With a key it is fetched first: the key is to stand in no address.
 *
 * @param {string} path
 */
export async function saveFile(path) {
  const link = document.createElement("a");
  link.download = path.slice(path.lastIndexOf("/") + 1);
  link.href = path;
  if (storedKey()) {
    const answer = await fetch(path, { headers: keyHeaders() });
    if (!answer.ok) {
      const { error } = await answer.json().catch(() => ({ error: null }));
      throw new Refused(answer.status, error?.message ?? `The server answered ${answer.status}.`);
    }
    link.href = URL.createObjectURL(await answer.blob());
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
  link.click();
}
