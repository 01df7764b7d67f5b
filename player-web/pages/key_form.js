import { storedKey, storeKey } from "./admin_api.js";
import { byId, write } from "./page.js";

/** The form of the pages that manage: it asks for a key, which stays in this tab. */

/** @param {() => void} begin with another key @param {() => void} ask without one any more */
export function offerKeyForm(begin, ask) {
  byId("keyform", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const input = byId("key", HTMLInputElement);
    storeKey(input.value.trim());
    input.value = "";
    begin();
  });
  byId("forget", HTMLElement).addEventListener("click", () => {
    storeKey("");
    ask();
  });
}

/** @param {string} rights that this page needs */
export function showKeyForm(rights) {
  const why = storedKey()
    ? `That key does not open this page: it needs ${rights}.`
    : "This page opens with a key that may manage.";
  write(byId("keywhy", HTMLElement), why);
  byId("keyform", HTMLElement).hidden = false;
  byId("forget", HTMLElement).hidden = true;
}

export function hideKeyForm() {
  byId("keyform", HTMLElement).hidden = true;
  byId("forget", HTMLElement).hidden = !storedKey();
}
