/**
 * framewire in the browser: `import { publish, play } from 'https://HOST/framewire.js'`.
 * In a page it also defines `<framewire-player src="/watch/NAME">`.
 */
if (globalThis.customElements) await import("./elements/framewire-player.js");

export { FramewireError } from "./sdk/errors.js";
export { Player, play } from "./sdk/play.js";
export { Publication, publish } from "./sdk/publish.js";
export { locate } from "./sdk/urls.js";

export const version = "0.1.0";
