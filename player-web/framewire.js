/**
 * framewire in the browser: `import { publish, play } from 'https://HOST/framewire.js'`.
 * In a page it also defines `<framewire-player src="/watch/NAME">`.
 */
import "./elements/framewire-player.js";

export * from "./sdk/index.js";
