/** In pages: each kind of source that can be published, and a look at what a viewer of it sees. */

export const WORKER = `
  import { publish } from "ORIGIN/framewire.js";
  onmessage = ({ data: { url, canvas, options, gl } }) => {
    const context = canvas.getContext(gl ? "webgl" : "2d");
    let n = 0;
    const draw = () => {
      n += 1;
      if (gl) {
        context.clearColor((n % 2) * 0.5 + 0.5, 0, 0, 1);
        context.clear(context.COLOR_BUFFER_BIT);
      } else {
        context.fillStyle = n % 2 ? "#f00" : "#800";
        context.fillRect(0, 0, canvas.width, canvas.height);
      }
      requestAnimationFrame(draw);
    };
    draw();
    const publication = publish(canvas, url, { as: "pictures", ...options });
    publication.on("error", ({ code, message }) => postMessage(code + ": " + message));
  };`;

/** In a page with the kit: publishes numbered pictures of a source. @param {[string, string, any, string]} wish */
export async function publishInPage([url, source, options, worker]) {
  const { kit } = /** @type {any} */ (window);
  const { publish } = await import(/** @type {any} */ ("/framewire.js"));
  const size = { width: 320, height: 180 };
  const canvas = Object.assign(document.createElement("canvas"), size);
  /** @type {any} */ (window).publishedCanvas = canvas;
  const paint = (/** @type {any} */ on = canvas) => {
    n += 1;
    kit.paint(on.getContext("2d", { alpha: false }), n & 0xffff);
    return on;
  };
  let n = 0;
  const wait = (/** @type {number} */ ms) => new Promise((go) => setTimeout(go, ms));
  const all = { as: "pictures", fps: 20, ...options };
  const live = () => setInterval(() => paint(), 50);
  const inWorker = (/** @type {boolean} */ gl) => {
    const shown = document.body.appendChild(Object.assign(document.createElement("canvas"), size));
    const offscreen = shown.transferControlToOffscreen();
    const code = new Blob([worker.replace("ORIGIN", location.origin)], { type: "text/javascript" });
    const thread = new Worker(URL.createObjectURL(code), { type: "module" });
    thread.onmessage = ({ data }) => console.error(data);
    thread.postMessage({ url, canvas: offscreen, options: all, gl }, [offscreen]);
    return { thread };
  };
  const frames = async function* (/** @type {() => any} */ make) {
    for (;;) {
      await wait(30);
      yield make();
    }
  };
  const stream = () => {
    paint();
    live();
    return canvas.captureStream(20);
  };
  /** @type {Record<string, () => any>} */
  const sources = {
    canvas: () => [live(), publish(canvas, url, all)][1],
    webgl() {
      const gl = canvas.getContext("webgl");
      const draw = () => {
        n += 1;
        gl?.clearColor((n % 2) * 0.5 + 0.5, 0, 0, 1);
        gl?.clear(gl.COLOR_BUFFER_BIT);
        requestAnimationFrame(draw);
      };
      draw();
      return publish(canvas, url, all);
    },
    "OffscreenCanvas in a worker": () => inWorker(false),
    "WebGL in a worker": () => inWorker(true),
    OffscreenCanvas() {
      const offscreen = new OffscreenCanvas(320, 180);
      setInterval(() => paint(offscreen), 50);
      return publish(offscreen, url, all);
    },
    async HTMLVideoElement() {
      const video = document.body.appendChild(document.createElement("video"));
      Object.assign(video, { muted: true, srcObject: stream() });
      await video.play();
      return publish(video, url, all);
    },
    MediaStream: () => publish(stream(), url, all),
    MediaStreamTrack: () => publish(stream().getVideoTracks()[0], url, all),
    camera: async () =>
      publish(await navigator.mediaDevices.getUserMedia({ video: size, audio: true }), url, all),
    ReadableStream() {
      const [track] = stream().getVideoTracks();
      // @ts-expect-error only Chromium has it
      return publish(new MediaStreamTrackProcessor({ track }).readable, url, all);
    },
    "iterable of canvases": () => publish(frames(paint), url, all),
    "iterable of OffscreenCanvases": () =>
      publish(
        frames(() => paint(new OffscreenCanvas(320, 180))),
        url,
        all,
      ),
    "iterable of VideoFrames": () =>
      publish(
        frames(() => new VideoFrame(paint(), { timestamp: 0 })),
        url,
        all,
      ),
    "iterable of ImageBitmaps": () =>
      publish(
        frames(() => createImageBitmap(paint())),
        url,
        all,
      ),
    "iterable of ImageData": () =>
      publish(
        frames(() => paint().getContext("2d").getImageData(0, 0, 320, 180)),
        url,
        all,
      ),
    "iterable of Blobs": () =>
      publish(
        frames(() => new Promise((go) => paint().toBlob(go, "image/jpeg"))),
        url,
        all,
      ),
    "iterable that never waits": () =>
      publish(
        (async function* () {
          for (;;) yield paint();
        })(),
        url,
        all,
      ),
    "iterable that is not asynchronous": () =>
      publish(
        (function* () {
          for (;;) yield paint();
        })(),
        url,
        all,
      ),
    "frame(ImageBitmap) of null"() {
      const publication = publish(null, url, { ...all, fps: 0 });
      setInterval(async () => publication.frame(await createImageBitmap(paint())), 50);
      return publication;
    },
    "frame() of a canvas"() {
      const publication = publish(canvas, url, { ...all, fps: 0 });
      setInterval(() => publication.frame(paint()), 50);
      return publication;
    },
  };
  /** @type {any} */ (window).publication = await sources[source]();
  return true;
}

/** In a page with the kit: plays until three numbers, or two colours, were seen. @param {[string, boolean]} wish */
export async function seeInPage([url, numbered]) {
  const { kit } = /** @type {any} */ (window);
  const { play } = await import(/** @type {any} */ ("/framewire.js"));
  const video = document.body.appendChild(document.createElement("video"));
  const player = play(video, url, { muted: true });
  /** @type {Map<number, any>} */ const seen = new Map();
  while (seen.size < (numbered ? 3 : 2)) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    if (!player.canvas) continue;
    const image = kit.snapshot(player.canvas, player.canvas.width, player.canvas.height);
    const number = numbered ? kit.readNumber(image) : Math.round(image.data[0] / 60);
    if (number !== null) seen.set(number, numbered ? number : image.data.slice(0, 4).join());
  }
  const { way } = player.stats;
  const size = [player.canvas.width, player.canvas.height];
  await player.stop();
  document.body.replaceChildren();
  return { way, size, seen: [...seen.values()] };
}
