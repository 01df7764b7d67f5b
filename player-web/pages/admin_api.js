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

/**
 * @param {string} path
 * @param {string} [method]
 * @param {unknown} [body] sent as JSON
 * @returns {Promise<any>} its JSON; null for an empty answer
 */
export async function ask(path, method = "GET", body = undefined) {
  const headers = new Headers();
  const key = storedKey();
  if (key) headers.set("Authorization", `Bearer ${key}`);
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

/** An EventSource can send no header. @param {string} path @returns {string} with the key */
export function withKey(path) {
  const key = storedKey();
  return key ? `${path}?token=${encodeURIComponent(key)}` : path;
}
