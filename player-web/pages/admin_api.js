/** The admin page's requests: with the key that was given in this tab, which no address and no other tab sees. */

const KEY = "framewire.admin-key";

export class Refused extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.name = "Refused";
    this.status = status;
  }
}

/** @returns {string} "" = none */
export const storedKey = () => sessionStorage.getItem(KEY) ?? "";

/** @param {string} key "" = none any more */
export function storeKey(key) {
  if (key) sessionStorage.setItem(KEY, key);
  else sessionStorage.removeItem(KEY);
}

/** @returns {Headers} with the key, if there is one */
export function keyHeaders() {
  const key = storedKey();
  return new Headers(key ? { Authorization: `Bearer ${key}` } : {});
}

/**
 * @param {string} path
 * @param {string} [method]
 * @param {unknown} [body] sent as JSON
 * @returns {Promise<any>} its JSON; null for an empty answer
 */
export async function ask(path, method = "GET", body = undefined) {
  const headers = keyHeaders();
  if (body !== undefined) headers.set("Content-Type", "application/json");
  const answer = await fetch(path, {
    method,
    headers,
    cache: "no-store",
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const json = await answer.json().catch(() => null);
  if (!answer.ok)
    throw new Refused(
      answer.status,
      json?.error?.message ?? `The server answered ${answer.status}.`,
    );
  return json;
}
