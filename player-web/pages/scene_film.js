import { recordCanvas } from "../framewire.js";
import { storedKey } from "./admin_api.js";
import { drawScene } from "./demo_scene.js";
import { byId, token, write } from "./page.js";
import { saveFile } from "./save_file.js";
import { clockText, sizeText } from "./texts.js";

/**
 * A canvas of this page, frame by frame into a film on the server (recordCanvas()): a demo scene.
 *
 * @typedef {import('../sdk/record_canvas.js').CanvasRecorder} CanvasRecorder
 */
const FPS = 30;

export function offerScene() {
  const canvas = byId("scene", HTMLCanvasElement);
  const context = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext("2d", { alpha: false })
  );
  const form = byId("sceneform", HTMLFormElement);
  const button = byId("scenego", HTMLButtonElement);
  const bar = byId("scenebar", HTMLProgressElement);
  const note = byId("scenenote", HTMLElement);
  const save = byId("scenesave", HTMLButtonElement);
  const wishes = byId("scenewishes", HTMLFieldSetElement);
  /** @type {CanvasRecorder | null} */
  let recorder = null;
  /** Others may render theirs at the same time. */
  const name = Math.random().toString(36).slice(2, 8);
  let film = "";
  /** What is left of the one before: until then its name is taken. */
  let cancelled = Promise.resolve();
  drawScene(context, 0);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (recorder) cancelled = recorder.cancel();
    else render().catch(showProblem);
  });
  save.addEventListener("click", () => saveFile(film).catch(showProblem));
  button.disabled = false;

  async function render() {
    const choice = new FormData(form);
    const frames = Number(choice.get("length")) * FPS;
    canvas.height = Number(choice.get("lines"));
    canvas.width = (canvas.height * 16) / 9;
    const [container, codec] = String(choice.get("kind")).split(" ");
    const encode = choice.get("encode");
    const key = token ?? (storedKey() || undefined);
    const options = /** @type {any} */ ({ container, codec, encode, token: key, frames, fps: FPS });
    save.hidden = true;
    recorder = recordCanvas(canvas, { ...options, url: `/publish/scene-${name}` });
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
      const made = await recorder.finish();
      film = new URL(made.url).pathname;
      save.hidden = false;
      const where = made.encode === "page" ? "encoded in this page" : "encoded on the server";
      note.title = made.why;
      write(
        note,
        `${made.frames} frames · ${made.duration} s · ${sizeText(made.bytes)} · ${where}`,
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
