import { recordCanvas } from "../framewire.js";
import { drawScene } from "./demo_scene.js";
import { byId, token, withToken, write } from "./page.js";
import { clockText, sizeText } from "./texts.js";

/**
 * The studio's section "Render to file": a demo scene, frame by frame into a film on the server.
 *
 * @typedef {import('../sdk/record_canvas.js').CanvasRecorder} CanvasRecorder
 */
const FPS = 30;

/** @param {string} stream */
export function offerRendering(stream) {
  const canvas = byId("scene", HTMLCanvasElement);
  const context = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext("2d", { alpha: false })
  );
  const form = byId("renderform", HTMLFormElement);
  const button = byId("render", HTMLButtonElement);
  const bar = byId("renderbar", HTMLProgressElement);
  const note = byId("rendernote", HTMLElement);
  const link = byId("rendered", HTMLAnchorElement);
  const wishes = byId("renderwishes", HTMLFieldSetElement);
  /** @type {CanvasRecorder | null} */
  let recorder = null;
  /** What is left of the one before: until then its name is taken. */
  let cancelled = Promise.resolve();
  drawScene(context, 0);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (recorder) cancelled = recorder.cancel();
    else render().catch(showProblem);
  });
  button.disabled = false;

  async function render() {
    const choice = new FormData(form);
    const frames = Number(choice.get("length")) * FPS;
    canvas.height = Number(choice.get("lines"));
    canvas.width = (canvas.height * 16) / 9;
    const [container, codec] = String(choice.get("kind")).split(" ");
    const encode = choice.get("encode");
    const options = /** @type {any} */ ({ container, codec, encode, token, frames, fps: FPS });
    link.hidden = true;
    recorder = recordCanvas(canvas, { ...options, url: `/publish/${stream}-film` });
    showRendering(true);
    bar.max = frames;
    bar.value = 0;
    note.title = "";
    write(note, "Connecting …");
    recorder.on("progress", ({ encoded, fps, etaMs }) => {
      bar.value = encoded;
      const left = etaMs === null ? "" : ` · ${clockText(etaMs + 999)} left`;
      write(note, `${encoded} of ${frames} frames · ${fps.toFixed(1)} a second${left}`);
    });
    try {
      for (let n = 0; n < frames; n += 1) {
        drawScene(context, n / FPS);
        await recorder.frame();
      }
      const film = await recorder.finish();
      link.href = withToken(new URL(film.url).pathname);
      link.hidden = false;
      const where = film.encode === "page" ? "encoded in this page" : "encoded on the server";
      note.title = film.why;
      write(
        note,
        `${film.frames} frames · ${film.duration} s · ${sizeText(film.bytes)} · ${where}`,
      );
    } finally {
      await cancelled;
      recorder = null;
      showRendering(false);
    }
  }

  /** @param {boolean} on */
  function showRendering(on) {
    wishes.disabled = on;
    bar.hidden = !on;
    write(button, on ? "Cancel" : "Render");
    button.classList.toggle("danger", on);
  }

  /** @param {{code?: string, message: string}} why */
  function showProblem({ code, message }) {
    const none = code === "not-recording";
    write(
      note,
      none ? "This server makes no files: it was started without --record-dir." : message,
    );
  }
}
