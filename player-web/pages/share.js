import { byId, write } from "./page.js";
import { qrCode, qrPath } from "./qr.js";

const COPIED_MS = 1_500;
const SVG = "http://www.w3.org/2000/svg";

/** Fills the page's #link, #qr and #copy. @param {string} link */
export function offerLink(link) {
  byId("link", HTMLInputElement).value = link;
  drawQr(byId("qr", HTMLElement), link);
  copies("copy", "link", "Copy link");
}

/** A button that copies what a field holds. @param {string} buttonId @param {string} fieldId @param {string} text of the button */
export function copies(buttonId, fieldId, text) {
  const label = byId(buttonId, HTMLButtonElement).querySelector("span");
  const field = document.getElementById(fieldId);
  if (!label || !(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement))
    return;
  byId(buttonId, HTMLButtonElement).addEventListener("click", async () => {
    field.select();
    // Pages without https have no clipboard: the text is selected, Ctrl+C does the rest.
    const copied = await navigator.clipboard?.writeText(field.value).then(
      () => true,
      () => false,
    );
    write(label, copied ? "Copied" : "Press Ctrl+C");
    setTimeout(() => write(label, text), COPIED_MS);
  });
}

/** @param {HTMLElement} place @param {string} text */
function drawQr(place, text) {
  const { size, path } = qrPath(qrCode(text));
  const svg = document.createElementNS(SVG, "svg");
  const shape = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `QR code of ${text}`);
  shape.setAttribute("d", path);
  svg.append(shape);
  place.replaceChildren(svg);
}
