// The worker of sdk-worker.html: takes pictures by postMessage, paints them, publishes what it painted.
import { publish } from "/framewire.js";

/** @type {OffscreenCanvasRenderingContext2D | null} */
let context = null;

/** @param {{url: string, width: number, height: number}} start */
function begin({ url, width, height }) {
  const canvas = new OffscreenCanvas(width, height);
  context = canvas.getContext("2d", { alpha: false });
  const publication = publish(canvas, url, { frameRate: 30 });
  publication.on("state", (state) => postMessage({ state, watchUrl: publication.watchUrl }));
}

addEventListener("message", ({ data }) => {
  if (data.start) begin(data.start);
  if (!data.frame) return;
  context?.drawImage(data.frame, 0, 0);
  data.frame.close();
});
